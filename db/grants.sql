-- Least privilege, to be run by the owner of the schema after the first migration and after each later
-- one; running it again changes nothing:
--   psql "$OWNER_URL" -f db/grants.sql
-- Migrations run as the owner. The service logs in as a role that holds `redirect_verifier_app`: no
-- DDL, no DELETE, nothing of the audit but adding to it. Housekeeping goes through functions that
-- run with the owner's rights.

DO $$ BEGIN
  CREATE ROLE redirect_verifier_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

GRANT USAGE ON SCHEMA public TO redirect_verifier_app;
GRANT SELECT ON schema_migration, tenant_settings, policy, entity_list, range_list, ip_range,
  user_profile, user_event, learning_state, global_total, global_feature, address_baseline, asn_list,
  domain_list
  TO redirect_verifier_app;
GRANT SELECT, INSERT, UPDATE ON redemption, state_claim, rate_gcra TO redirect_verifier_app;
GRANT SELECT, UPDATE (used_at, used_by) ON release TO redirect_verifier_app;
GRANT SELECT, INSERT ON assessment TO redirect_verifier_app;
GRANT UPDATE (settled_at, outcome, assessed, score, decision, shadow, confirmed_at, folded_at) ON assessment
  TO redirect_verifier_app;
GRANT INSERT ON user_event TO redirect_verifier_app;
GRANT UPDATE (folded_at) ON user_event TO redirect_verifier_app;
GRANT SELECT, INSERT, UPDATE ON identifier_key TO redirect_verifier_app;
GRANT INSERT, UPDATE ON learning_state TO redirect_verifier_app;
GRANT INSERT ON audit TO redirect_verifier_app;
GRANT EXECUTE ON FUNCTION
  ensure_partitions(integer), drop_old_partitions(interval), purge_expired(integer),
  purge_profiles(interval, integer), fold_profiles(text, jsonb), count_baselines(text),
  age_counts(interval, integer)
  TO redirect_verifier_app;

-- The login itself, with the limits that a pooler cannot pass on from the client:
--   CREATE ROLE verifier LOGIN PASSWORD '…' IN ROLE redirect_verifier_app;
--   ALTER ROLE verifier SET statement_timeout = '500ms';
--   ALTER ROLE verifier SET lock_timeout = '200ms';

-- The operator's API and dashboard log in as another role, which the service's own never holds. It
-- adds to the audit and reads it; of a record it may delete all (erasure) and change nothing.

DO $$ BEGIN
  CREATE ROLE redirect_verifier_admin NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

GRANT USAGE ON SCHEMA public TO redirect_verifier_admin;
GRANT SELECT ON policy, assessment, user_profile, user_event, rate_gcra, range_list, ip_range, asn_list
  TO redirect_verifier_admin;
GRANT INSERT (tenant, flow, version, status, body), UPDATE (status) ON policy
  TO redirect_verifier_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON entity_list TO redirect_verifier_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON release TO redirect_verifier_admin;
GRANT DELETE ON assessment, user_profile, user_event, rate_gcra TO redirect_verifier_admin;
GRANT SELECT, UPDATE (subject_hash) ON redemption TO redirect_verifier_admin;
GRANT SELECT, INSERT ON audit TO redirect_verifier_admin;
GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at) ON admin_token TO redirect_verifier_admin;
GRANT SELECT, INSERT, DELETE ON admin_session TO redirect_verifier_admin;

--   CREATE ROLE verifier_admin LOGIN PASSWORD '…' IN ROLE redirect_verifier_admin;
--   ALTER ROLE verifier_admin SET statement_timeout = '10s';
--   ALTER ROLE verifier_admin SET lock_timeout = '3s';
-- A backtest lifts the limit for its own transaction, which is read-only.
