ALTER TABLE "user_event" DROP CONSTRAINT "kind_known";--> statement-breakpoint
ALTER TABLE "user_event" DROP CONSTRAINT "login_has_request";--> statement-breakpoint
DROP INDEX "user_event_to_fold";--> statement-breakpoint
CREATE INDEX "user_event_to_fold" ON "user_event" USING btree ("tenant","received_at") WHERE "user_event"."kind" in ('login', 'session', 'reset') and "user_event"."folded_at" is null;--> statement-breakpoint
ALTER TABLE "user_event" ADD CONSTRAINT "kind_known" CHECK ("user_event"."kind" in ('login', 'session', 'failure', 'change', 'factor', 'reset'));--> statement-breakpoint
ALTER TABLE "user_event" ADD CONSTRAINT "login_has_request" CHECK (("user_event"."kind" in ('login', 'session')) = ("user_event"."request" is not null));--> statement-breakpoint

-- Applies folds, each to one user: all of a fold or nothing of it. A fold names the revision of the
-- profile that it was computed from and every row that it applies; when the profile has moved on, or
-- one of the rows was applied or erased meanwhile, the fold is dropped and computed anew next time.
-- Returns how many users were folded.
CREATE OR REPLACE FUNCTION "fold_profiles"(of_tenant text, folds jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  fold record;
  standing integer;
  part integer;
  marked integer;
  counted jsonb[] := '{}';
  done integer := 0;
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
          first_at, last_at, revision)
        SELECT of_tenant, fold.user_key, n, hist, median_rtt_ms, last_latitude, last_longitude,
          to_timestamp(last_place_at), to_timestamp(first_at), to_timestamp(last_at), 1
        FROM jsonb_to_record(fold.profile) AS learned (
          n integer, hist jsonb, median_rtt_ms double precision, last_latitude double precision,
          last_longitude double precision, last_place_at double precision,
          first_at double precision, last_at double precision);
      ELSE
        UPDATE user_profile SET
          n = learned.n, hist = learned.hist, median_rtt_ms = learned.median_rtt_ms,
          last_latitude = learned.last_latitude, last_longitude = learned.last_longitude,
          last_place_at = to_timestamp(learned.last_place_at),
          first_at = to_timestamp(learned.first_at), last_at = to_timestamp(learned.last_at),
          revision = fold.revision + 1
        FROM jsonb_to_record(fold.profile) AS learned (
          n integer, hist jsonb, median_rtt_ms double precision, last_latitude double precision,
          last_longitude double precision, last_place_at double precision,
          first_at double precision, last_at double precision)
        WHERE user_profile.tenant = of_tenant AND user_profile.user_key = fold.user_key;
      END IF;
      counted := counted || fold.counts;
      done := done + 1;
    EXCEPTION WHEN SQLSTATE 'RV001' OR unique_violation THEN
      CONTINUE;
    END;
  END LOOP;

  INSERT INTO global_feature AS sum (tenant, feature, value, n)
  SELECT of_tenant, feature, value, sum(count)
  FROM unnest(counted) AS counts,
    jsonb_to_recordset(counts -> 'features') AS one (feature text, value text, count bigint)
  GROUP BY feature, value ORDER BY feature, value
  ON CONFLICT (tenant, feature, value) DO UPDATE SET n = sum.n + excluded.n;
  INSERT INTO global_total AS sum (tenant, n)
  SELECT of_tenant, total FROM (
    SELECT sum((counts ->> 'n')::bigint) AS total FROM unnest(counted) AS counts) AS all_counts
  WHERE total > 0
  ON CONFLICT (tenant) DO UPDATE SET n = sum.n + excluded.n;
  RETURN done;
END $$;
--> statement-breakpoint

-- How busy addresses ordinarily are, from whole hours that lie far enough back for late log events:
-- only users who got in count, because attempts would let an attack become its own measure.
-- An hour that was busier stands for thirty days. Returns how many hours were counted.
CREATE OR REPLACE FUNCTION "count_baselines"(of_tenant text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  low timestamptz;
  high timestamptz := date_trunc('hour', now() - interval '15 minutes');
  hours integer;
BEGIN
  INSERT INTO learning_state (tenant) VALUES (of_tenant) ON CONFLICT DO NOTHING;
  SELECT coalesce(counted_until, high - interval '1 day') INTO low
  FROM learning_state WHERE tenant = of_tenant FOR UPDATE;
  low := greatest(low, high - interval '7 days');
  hours := extract(epoch FROM high - low) / 3600;
  IF hours < 1 THEN
    RETURN 0;
  END IF;
  INSERT INTO address_baseline AS known (tenant, address, users, at)
  SELECT of_tenant, address, max(users), max(hour)
  FROM (
    SELECT address, hour, count(DISTINCT user_key)::integer AS users
    FROM (
      SELECT address, user_key, date_trunc('hour', at) AS hour FROM user_event
      WHERE tenant = of_tenant AND kind IN ('login', 'session') AND address IS NOT NULL
        AND at >= low AND at < high AND received_at >= low - interval '5 minutes'
      UNION ALL
      SELECT seen.address, user_key, date_trunc('hour', opened_at) FROM assessment,
        unnest(ARRAY[token_address, visit_address]) AS seen (address)
      WHERE tenant = of_tenant AND opened_at >= low AND opened_at < high
        AND confirmed_at IS NOT NULL AND seen.address IS NOT NULL
    ) AS sights
    GROUP BY address, hour
  ) AS hourly
  WHERE users > 1
  GROUP BY address ORDER BY address
  ON CONFLICT (tenant, address) DO UPDATE SET users = excluded.users, at = excluded.at
  WHERE excluded.users >= known.users OR known.at < now() - interval '30 days';
  UPDATE learning_state SET counted_until = high WHERE tenant = of_tenant;
  RETURN hours;
END $$;
