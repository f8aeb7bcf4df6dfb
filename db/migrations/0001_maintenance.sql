-- What drizzle cannot express: partitions of the records, storage parameters, rules that no code path
-- may break, and the housekeeping that a role without DDL and without DELETE may call.

-- Rows that no weekly partition covers land here instead of failing a request.
CREATE TABLE "assessment_default" PARTITION OF "assessment" DEFAULT;
--> statement-breakpoint

-- Updated in place on every visit: room on the page keeps those updates out of the indexes.
ALTER TABLE "rate_gcra" SET (fillfactor = 70);
--> statement-breakpoint
ALTER TABLE "redemption" SET (fillfactor = 90);
--> statement-breakpoint
ALTER TABLE "user_profile" SET (fillfactor = 80);
--> statement-breakpoint

-- Makes the weekly partitions from this week on, and moves rows out of the default partition that
-- belong to a new one. Attaching, unlike CREATE TABLE ... PARTITION OF, lets requests go on.
CREATE FUNCTION "ensure_partitions"(weeks_ahead integer DEFAULT 4) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  monday date;
  name text;
  low text;
  high text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('redirect_verifier.partitions'));
  FOR monday IN
    SELECT (date_trunc('week', now() AT TIME ZONE 'utc') + make_interval(weeks => week))::date
    FROM generate_series(0, weeks_ahead) AS week
  LOOP
    name := 'assessment_' || to_char(monday, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    low := monday || ' 00:00:00+00';
    high := monday + 7 || ' 00:00:00+00';
    EXECUTE format('CREATE TABLE %I (LIKE assessment INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    LOCK TABLE assessment_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
      'WITH moved AS (DELETE FROM assessment_default WHERE opened_at >= %L AND opened_at < %L RETURNING *)
       INSERT INTO %I SELECT * FROM moved', low, high, name);
    EXECUTE format(
      'ALTER TABLE assessment ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
--> statement-breakpoint

-- Drops the partitions that are older than the retention as a whole: no row-by-row delete, no vacuum.
CREATE FUNCTION "drop_old_partitions"(keep interval) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  name text;
  dropped integer := 0;
BEGIN
  IF keep < interval '7 days' THEN
    RAISE EXCEPTION 'records younger than a week are still in use';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('redirect_verifier.partitions'));
  FOR name IN
    SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
    WHERE inhparent = 'assessment'::regclass AND child.relname ~ '^assessment_[0-9]{8}$'
      AND (to_date(right(child.relname, 8), 'YYYYMMDD') + 7)::timestamp AT TIME ZONE 'utc' < now() - keep
  LOOP
    EXECUTE format('DROP TABLE %I', name);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM assessment_default WHERE opened_at < now() - keep;
  RETURN dropped;
END $$;
--> statement-breakpoint

-- Deletes what has expired, at most `batch` rows of each kind, and says how many rows went.
CREATE FUNCTION "purge_expired"(batch integer DEFAULT 10000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  gone integer;
  total integer := 0;
BEGIN
  DELETE FROM redemption WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM redemption WHERE keep_until < now() LIMIT batch FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS gone = ROW_COUNT;
  total := total + gone;
  DELETE FROM state_claim WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM state_claim WHERE keep_until < now() LIMIT batch FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS gone = ROW_COUNT;
  total := total + gone;
  DELETE FROM rate_gcra WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM rate_gcra WHERE arrival < now() - interval '1 day' LIMIT batch FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN total + gone;
END $$;
--> statement-breakpoint

-- A record names the policy version that judged it, so a version never changes and never goes.
CREATE FUNCTION "policy_guard"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'draft' THEN
      RAISE EXCEPTION 'a policy that was in use is kept: records name it';
    END IF;
    RETURN OLD;
  END IF;
  IF (NEW.tenant, NEW.id, NEW.flow, NEW.version, NEW.body, NEW.created_at)
     IS DISTINCT FROM (OLD.tenant, OLD.id, OLD.flow, OLD.version, OLD.body, OLD.created_at) THEN
    RAISE EXCEPTION 'a policy version is immutable: add a new version';
  END IF;
  IF NEW.status = 'draft' AND OLD.status <> 'draft' THEN
    RAISE EXCEPTION 'a policy that was in use does not become a draft again: retire it';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "policy_guard" BEFORE UPDATE OR DELETE ON "policy"
FOR EACH ROW EXECUTE FUNCTION "policy_guard"();
--> statement-breakpoint

CREATE FUNCTION "audit_guard"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is append-only';
END $$;
--> statement-breakpoint
CREATE TRIGGER "audit_guard" BEFORE UPDATE OR DELETE ON "audit"
FOR EACH ROW EXECUTE FUNCTION "audit_guard"();
--> statement-breakpoint
CREATE TRIGGER "audit_guard_truncate" BEFORE TRUNCATE ON "audit"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_guard"();
--> statement-breakpoint

-- Everybody may execute a function unless told otherwise; these run with their owner's rights.
REVOKE ALL ON FUNCTION "ensure_partitions"(integer) FROM PUBLIC;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "drop_old_partitions"(interval) FROM PUBLIC;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "purge_expired"(integer) FROM PUBLIC;
--> statement-breakpoint

SELECT "ensure_partitions"(4);
