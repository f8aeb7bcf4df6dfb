CREATE TABLE "admin_session" (
	"hash" text PRIMARY KEY NOT NULL,
	"actor" text NOT NULL,
	"role" text NOT NULL,
	"display_name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "role_known" CHECK ("admin_session"."role" in ('viewer', 'operator', 'admin')),
	CONSTRAINT "hash_is_digest" CHECK ("admin_session"."hash" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "admin_token" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "admin_token_name" UNIQUE("name"),
	CONSTRAINT "admin_token_hash" UNIQUE("hash"),
	CONSTRAINT "role_known" CHECK ("admin_token"."role" in ('viewer', 'operator', 'admin')),
	CONSTRAINT "hash_is_digest" CHECK ("admin_token"."hash" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE INDEX "admin_session_expiry" ON "admin_session" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "assessment_stopped" ON "assessment" USING btree ("tenant","opened_at","id") WHERE "assessment"."outcome" <> 'allow' or "assessment"."assessed" <> 'allow';--> statement-breakpoint
CREATE INDEX "audit_time" ON "audit" USING btree ("tenant","at","id");--> statement-breakpoint

-- Deletes what has expired, at most `batch` rows of each kind, and says how many rows went. Events of
-- the log stream are kept two days longer than they are accepted, so that none is counted twice.
CREATE OR REPLACE FUNCTION "purge_expired"(batch integer DEFAULT 10000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  expired record;
  gone integer;
  total integer := 0;
BEGIN
  FOR expired IN
    SELECT * FROM (VALUES
      ('redemption', 'keep_until < now()'),
      ('state_claim', 'keep_until < now()'),
      ('rate_gcra', 'arrival < now() - interval ''1 day'''),
      ('user_event', 'received_at < now() - interval ''9 days'''),
      ('address_baseline', 'at < now() - interval ''30 days'''),
      ('release', 'expires_at < now() - interval ''7 days'''),
      ('entity_list', 'expires_at < now() - interval ''30 days'''),
      ('admin_session', 'expires_at < now()')
    ) AS kind (name, condition)
  LOOP
    EXECUTE format(
      'DELETE FROM %I WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM %I WHERE %s LIMIT $1 FOR UPDATE SKIP LOCKED))',
      expired.name, expired.name, expired.condition) USING batch;
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
  END LOOP;
  RETURN total;
END $$;
