-- Least privilege, to be run once by the owner of the schema after the first migration:
--   psql "$OWNER_URL" -f db/grants.sql
-- Migrations run as the owner. The service logs in as a role that holds `redirect_verifier_app`: no
-- DDL, no DELETE, nothing of the audit but adding to it. Housekeeping goes through functions that
-- run with the owner's rights.

CREATE ROLE redirect_verifier_app NOLOGIN;

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
