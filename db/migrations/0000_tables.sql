CREATE TABLE "assessment" (
	"tenant" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"id" uuid NOT NULL,
	"reference" text NOT NULL,
	"flow" text NOT NULL,
	"engine_version" text NOT NULL,
	"policy_id" integer NOT NULL,
	"user_key" bigint NOT NULL,
	"facts" jsonb NOT NULL,
	"settled_at" timestamp with time zone,
	"outcome" text,
	"assessed" text,
	"score" double precision,
	"decision" jsonb,
	"confirmed_at" timestamp with time zone,
	"folded_at" timestamp with time zone,
	CONSTRAINT "assessment_tenant_opened_at_id_pk" PRIMARY KEY("tenant","opened_at","id"),
	CONSTRAINT "outcome_known" CHECK ("assessment"."outcome" in ('allow', 'step_up', 'deny')),
	CONSTRAINT "assessed_known" CHECK ("assessment"."assessed" in ('allow', 'step_up', 'deny')),
	CONSTRAINT "settled_whole" CHECK (num_nulls("assessment"."decision", "assessment"."outcome", "assessment"."assessed", "assessment"."score", "assessment"."settled_at") in (0, 5))
) PARTITION BY RANGE ("opened_at");
--> statement-breakpoint
CREATE TABLE "audit" (
	"tenant" text NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text,
	"detail" jsonb,
	CONSTRAINT "audit_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "entity_list" (
	"tenant" text NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"action" text NOT NULL,
	"note" text,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "entity_list_tenant_kind_value_pk" PRIMARY KEY("tenant","kind","value"),
	CONSTRAINT "kind_known" CHECK ("entity_list"."kind" in ('user', 'address', 'device', 'country', 'asn', 'client')),
	CONSTRAINT "action_known" CHECK ("entity_list"."action" in ('deny', 'allow'))
);
--> statement-breakpoint
CREATE TABLE "ip_range" (
	"tenant" text NOT NULL,
	"low" "inet" NOT NULL,
	"high" "inet" NOT NULL,
	"mask" integer NOT NULL,
	CONSTRAINT "ip_range_tenant_low_pk" PRIMARY KEY("tenant","low"),
	CONSTRAINT "range_upward" CHECK ("ip_range"."low" <= "ip_range"."high"),
	CONSTRAINT "range_one_family" CHECK (family("ip_range"."low") = family("ip_range"."high")),
	CONSTRAINT "mask_not_empty" CHECK ("ip_range"."mask" > 0)
);
--> statement-breakpoint
CREATE TABLE "policy" (
	"tenant" text NOT NULL,
	"id" integer GENERATED ALWAYS AS IDENTITY (sequence name "policy_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"flow" text NOT NULL,
	"version" integer NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"body" jsonb NOT NULL,
	"user_per_hour" double precision GENERATED ALWAYS AS (((body #>> '{limits,user,per_hour}')::double precision)) STORED NOT NULL,
	"address_per_hour" double precision GENERATED ALWAYS AS (((body #>> '{limits,address,per_hour}')::double precision)) STORED NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "policy_tenant_id_pk" PRIMARY KEY("tenant","id"),
	CONSTRAINT "policy_version_once" UNIQUE("tenant","flow","version"),
	CONSTRAINT "flow_known" CHECK ("policy"."flow" in ('password_reset', 'login')),
	CONSTRAINT "status_known" CHECK ("policy"."status" in ('draft', 'shadow', 'active', 'retired')),
	CONSTRAINT "body_names_flow" CHECK ("policy"."body" ->> 'flow' is not distinct from "policy"."flow"),
	CONSTRAINT "body_names_version" CHECK (("policy"."body" ->> 'version')::integer is not distinct from "policy"."version"),
	CONSTRAINT "user_allowance_positive" CHECK ("policy"."user_per_hour" > 0 and "policy"."user_per_hour" < 'infinity'),
	CONSTRAINT "address_allowance_positive" CHECK ("policy"."address_per_hour" > 0 and "policy"."address_per_hour" < 'infinity')
);
--> statement-breakpoint
CREATE TABLE "range_list" (
	"tenant" text NOT NULL,
	"bit" integer NOT NULL,
	"kind" text NOT NULL,
	"loaded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "range_list_tenant_bit_pk" PRIMARY KEY("tenant","bit"),
	CONSTRAINT "bit_in_mask" CHECK ("range_list"."bit" between 0 and 30),
	CONSTRAINT "kind_known" CHECK ("range_list"."kind" in ('tor', 'vpn', 'hosting', 'relay', 'untrusted'))
);
--> statement-breakpoint
CREATE TABLE "rate_gcra" (
	"tenant" text NOT NULL,
	"bucket" text NOT NULL,
	"key" bigint NOT NULL,
	"arrival" timestamp with time zone NOT NULL,
	CONSTRAINT "rate_gcra_tenant_bucket_key_pk" PRIMARY KEY("tenant","bucket","key"),
	CONSTRAINT "bucket_known" CHECK ("rate_gcra"."bucket" in ('user', 'address'))
);
--> statement-breakpoint
CREATE TABLE "redemption" (
	"tenant" text NOT NULL,
	"token_key" "bytea" NOT NULL,
	"state_hash" "bytea" NOT NULL,
	"subject_hash" "bytea" NOT NULL,
	"binding_hash" "bytea" NOT NULL,
	"assessment_id" uuid NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"keep_until" timestamp with time zone NOT NULL,
	CONSTRAINT "redemption_tenant_token_key_pk" PRIMARY KEY("tenant","token_key")
);
--> statement-breakpoint
CREATE TABLE "release" (
	"tenant" text NOT NULL,
	"user_key" bigint NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"used_by" uuid,
	CONSTRAINT "release_tenant_user_key_pk" PRIMARY KEY("tenant","user_key")
);
--> statement-breakpoint
CREATE TABLE "state_claim" (
	"tenant" text NOT NULL,
	"state_hash" "bytea" NOT NULL,
	"token_key" "bytea" NOT NULL,
	"keep_until" timestamp with time zone NOT NULL,
	CONSTRAINT "state_claim_tenant_state_hash_pk" PRIMARY KEY("tenant","state_hash")
);
--> statement-breakpoint
CREATE TABLE "tenant_settings" (
	"tenant" text PRIMARY KEY NOT NULL,
	"name" text,
	"logo_url" text,
	"color" text,
	"support_url" text,
	"restart_url" text,
	"require_click" boolean DEFAULT false NOT NULL,
	"continue_method" text DEFAULT 'post' NOT NULL,
	CONSTRAINT "color_is_hex" CHECK ("tenant_settings"."color" ~ '^#[0-9a-fA-F]{6}$'),
	CONSTRAINT "logo_is_https" CHECK ("tenant_settings"."logo_url" ~ '^https://'),
	CONSTRAINT "support_is_web" CHECK ("tenant_settings"."support_url" ~ '^(https?://|mailto:)'),
	CONSTRAINT "restart_is_web" CHECK ("tenant_settings"."restart_url" ~ '^https?://'),
	CONSTRAINT "continue_method_known" CHECK ("tenant_settings"."continue_method" in ('post', 'get'))
);
--> statement-breakpoint
CREATE TABLE "user_profile" (
	"tenant" text NOT NULL,
	"user_key" bigint NOT NULL,
	"n" integer NOT NULL,
	"hist" jsonb NOT NULL,
	"median_rtt_ms" double precision,
	"last_latitude" double precision,
	"last_longitude" double precision,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	CONSTRAINT "user_profile_tenant_user_key_pk" PRIMARY KEY("tenant","user_key")
);
--> statement-breakpoint
CREATE INDEX "assessment_reference" ON "assessment" USING btree ("tenant","reference");--> statement-breakpoint
CREATE INDEX "assessment_user" ON "assessment" USING btree ("tenant","user_key","opened_at");--> statement-breakpoint
CREATE INDEX "assessment_unsettled" ON "assessment" USING btree ("tenant","opened_at") WHERE "assessment"."decision" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "policy_one_active" ON "policy" USING btree ("tenant","flow") WHERE "policy"."status" = 'active';--> statement-breakpoint
CREATE INDEX "redemption_expiry" ON "redemption" USING btree ("keep_until");--> statement-breakpoint
CREATE INDEX "state_claim_expiry" ON "state_claim" USING btree ("keep_until");