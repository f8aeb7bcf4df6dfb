ALTER TABLE "global_feature" ADD COLUMN "halvings" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "global_total" ADD COLUMN "halvings" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "global_total" ADD COLUMN "halved_at" timestamp with time zone DEFAULT now() NOT NULL;
--> statement-breakpoint
ALTER TABLE "global_total" ADD COLUMN "lagging" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "user_event" ADD COLUMN "disposable_email" boolean;
--> statement-breakpoint
ALTER TABLE "user_profile" ADD COLUMN "disposable_email" boolean;
--> statement-breakpoint

-- A count that was halved `had` times, as it is after `wanted` halvings. Postgres shifts by the rest of
-- a division by 64, hence the bounds.
CREATE FUNCTION "halved_count"(n bigint, had integer, wanted integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT n >> least(greatest(wanted - had, 0), 62)
$$;
--> statement-breakpoint

-- Applies folds, each to one user: all of a fold or nothing of it. A fold names the revision of the
-- profile that it was computed from and every row that it applies; when the profile has moved on, or
-- one of the rows was applied or erased meanwhile, the fold is dropped and computed anew next time.
-- Everybody's counts are added to as often halved as the total is: ageing takes the same lock, so
-- nothing is halved in between. Returns how many users were folded.
CREATE OR REPLACE FUNCTION "fold_profiles"(of_tenant text, folds jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  fold record;
  standing integer;
  part integer;
  marked integer;
  counted jsonb[] := '{}';
  done integer := 0;
  halved integer;
BEGIN
  -- One folder per tenant at a time: two could only get into each other's way.
  IF NOT pg_try_advisory_xact_lock(hashtext('redirect_verifier.fold'), hashtext(of_tenant)) THEN
    RETURN 0;
  END IF;
  FOR fold IN
    SELECT * FROM jsonb_to_recordset(folds) AS one (
      user_key bigint, revision integer, adopts bigint, adopts_revision integer,
      profile jsonb, assessments jsonb, events jsonb, counts jsonb)
  LOOP
    BEGIN
      SELECT revision INTO standing FROM user_profile
      WHERE tenant = of_tenant AND user_key = fold.user_key FOR UPDATE;
      IF standing IS DISTINCT FROM fold.revision THEN
        RAISE EXCEPTION USING ERRCODE = 'RV001';
      END IF;
      IF fold.adopts IS NOT NULL THEN
        DELETE FROM user_profile
        WHERE tenant = of_tenant AND user_key = fold.adopts AND revision = fold.adopts_revision;
        IF NOT FOUND THEN
          RAISE EXCEPTION USING ERRCODE = 'RV001';
        END IF;
      END IF;

      UPDATE assessment SET folded_at = now()
      FROM jsonb_to_recordset(fold.assessments) AS named (opened_at timestamptz, id uuid)
      WHERE assessment.tenant = of_tenant AND assessment.opened_at = named.opened_at
        AND assessment.id = named.id
        AND assessment.confirmed_at IS NOT NULL AND assessment.folded_at IS NULL;
      GET DIAGNOSTICS marked = ROW_COUNT;
      UPDATE user_event SET folded_at = now()
      FROM jsonb_array_elements_text(fold.events) AS named (key)
      WHERE tenant = of_tenant AND log_key = decode(named.key, 'hex')
        AND kind IN ('login', 'session') AND folded_at IS NULL;
      GET DIAGNOSTICS part = ROW_COUNT;
      IF marked + part <> jsonb_array_length(fold.assessments) + jsonb_array_length(fold.events) THEN
        RAISE EXCEPTION USING ERRCODE = 'RV001';
      END IF;

      IF standing IS NULL THEN
        INSERT INTO user_profile (
          tenant, user_key, n, hist, median_rtt_ms, last_latitude, last_longitude, last_place_at,
          first_at, last_at, disposable_email, revision)
        SELECT of_tenant, fold.user_key, n, hist, median_rtt_ms, last_latitude, last_longitude,
          to_timestamp(last_place_at), to_timestamp(first_at), to_timestamp(last_at),
          disposable_email, 1
        FROM jsonb_to_record(fold.profile) AS learned (
          n integer, hist jsonb, median_rtt_ms double precision, last_latitude double precision,
          last_longitude double precision, last_place_at double precision,
          first_at double precision, last_at double precision, disposable_email boolean);
      ELSE
        UPDATE user_profile SET
          n = learned.n, hist = learned.hist, median_rtt_ms = learned.median_rtt_ms,
          last_latitude = learned.last_latitude, last_longitude = learned.last_longitude,
          last_place_at = to_timestamp(learned.last_place_at),
          first_at = to_timestamp(learned.first_at), last_at = to_timestamp(learned.last_at),
          disposable_email = learned.disposable_email, revision = fold.revision + 1
        FROM jsonb_to_record(fold.profile) AS learned (
          n integer, hist jsonb, median_rtt_ms double precision, last_latitude double precision,
          last_longitude double precision, last_place_at double precision,
          first_at double precision, last_at double precision, disposable_email boolean)
        WHERE user_profile.tenant = of_tenant AND user_profile.user_key = fold.user_key;
      END IF;
      counted := counted || fold.counts;
      done := done + 1;
    EXCEPTION WHEN SQLSTATE 'RV001' OR unique_violation THEN
      CONTINUE;
    END;
  END LOOP;

  SELECT halvings INTO halved FROM global_total WHERE tenant = of_tenant;
  INSERT INTO global_feature AS sum (tenant, feature, value, n, halvings)
  SELECT of_tenant, feature, value, sum(count), coalesce(halved, 0)
  FROM unnest(counted) AS counts,
    jsonb_to_recordset(counts -> 'features') AS one (feature text, value text, count bigint)
  GROUP BY feature, value ORDER BY feature, value
  ON CONFLICT (tenant, feature, value) DO UPDATE SET
    n = halved_count(sum.n, sum.halvings, excluded.halvings) + excluded.n,
    halvings = excluded.halvings;
  INSERT INTO global_total AS sum (tenant, n)
  SELECT of_tenant, total FROM (
    SELECT sum((counts ->> 'n')::bigint) AS total FROM unnest(counted) AS counts) AS all_counts
  WHERE total > 0
  ON CONFLICT (tenant) DO UPDATE SET n = sum.n + excluded.n;
  RETURN done;
END $$;
--> statement-breakpoint

-- Halves what was counted over all users, once for each half-life that has passed: a tenant's total at
-- once, and of its values at most `batch` rows a call, those that reach nothing first. Skips a tenant that
-- is being folded; the next call finds it. Returns how many rows were brought up to their total.
CREATE FUNCTION "age_counts"(half_life interval, batch integer DEFAULT 10000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  due record;
  standing integer;
  gone integer;
  kept integer;
  total integer := 0;
BEGIN
  IF half_life < interval '7 days' THEN
    RAISE EXCEPTION 'counts that fade within a week say nothing of what is usual';
  END IF;
  FOR due IN
    -- Tenants that were counted on one day are due on one day: so many fit the limits of a statement.
    SELECT tenant FROM global_total WHERE lagging OR halved_at <= now() - half_life
    ORDER BY halved_at, tenant LIMIT 200
  LOOP
    EXIT WHEN total >= batch;
    CONTINUE WHEN NOT pg_try_advisory_xact_lock(
      hashtext('redirect_verifier.fold'), hashtext(due.tenant));
    UPDATE global_total SET
      n = halved_count(n, 0, passed.times), halvings = halvings + passed.times, lagging = true,
      halved_at = halved_at + passed.times * half_life
    FROM (
      SELECT floor(extract(epoch FROM now() - halved_at) / extract(epoch FROM half_life))::integer
        AS times
      FROM global_total WHERE tenant = due.tenant
    ) AS passed
    WHERE tenant = due.tenant AND passed.times > 0;
    SELECT halvings INTO standing FROM global_total WHERE tenant = due.tenant;
    DELETE FROM global_feature WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM global_feature
      WHERE tenant = due.tenant AND halvings < standing AND halved_count(n, halvings, standing) = 0
      LIMIT batch - total));
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE global_feature SET n = halved_count(n, halvings, standing), halvings = standing
    WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM global_feature
      WHERE tenant = due.tenant AND halvings < standing
      LIMIT batch - total - gone));
    GET DIAGNOSTICS kept = ROW_COUNT;
    total := total + gone + kept;
    UPDATE global_total SET lagging = false
    WHERE tenant = due.tenant AND NOT EXISTS (
      SELECT FROM global_feature WHERE tenant = due.tenant AND halvings < standing);
  END LOOP;
  RETURN total;
END $$;
--> statement-breakpoint

REVOKE ALL ON FUNCTION "age_counts"(interval, integer) FROM PUBLIC;
--> statement-breakpoint

-- A database whose grants were given before (db/grants.sql) goes on with them.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'redirect_verifier_app') THEN
    GRANT SELECT ON domain_list TO redirect_verifier_app;
    GRANT EXECUTE ON FUNCTION age_counts(interval, integer) TO redirect_verifier_app;
  END IF;
END $$;
