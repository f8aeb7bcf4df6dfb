CREATE TABLE "address_baseline" (
	"tenant" text NOT NULL,
	"address" bigint NOT NULL,
	"users" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "address_baseline_tenant_address_pk" PRIMARY KEY("tenant","address")
);
--> statement-breakpoint
CREATE TABLE "asn_list" (
	"tenant" text NOT NULL,
	"asn" bigint NOT NULL,
	"mask" integer NOT NULL,
	CONSTRAINT "asn_list_tenant_asn_pk" PRIMARY KEY("tenant","asn"),
	CONSTRAINT "asn_in_range" CHECK ("asn_list"."asn" between 1 and 4294967295),
	CONSTRAINT "asn_mask_not_empty" CHECK ("asn_list"."mask" > 0)
);
--> statement-breakpoint
CREATE TABLE "domain_list" (
	"tenant" text NOT NULL,
	"domain" text NOT NULL,
	CONSTRAINT "domain_list_tenant_domain_pk" PRIMARY KEY("tenant","domain")
);
--> statement-breakpoint
CREATE TABLE "global_feature" (
	"tenant" text NOT NULL,
	"feature" text NOT NULL,
	"value" text NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "global_feature_tenant_feature_value_pk" PRIMARY KEY("tenant","feature","value")
);
--> statement-breakpoint
CREATE TABLE "global_total" (
	"tenant" text PRIMARY KEY NOT NULL,
	"n" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "learning_state" (
	"tenant" text PRIMARY KEY NOT NULL,
	"stream_since" timestamp with time zone,
	"stream_last_at" timestamp with time zone,
	"looked_until" timestamp with time zone,
	"counted_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "user_event" (
	"tenant" text NOT NULL,
	"log_key" "bytea" NOT NULL,
	"kind" text NOT NULL,
	"user_key" bigint NOT NULL,
	"previous_user_key" bigint,
	"at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"address" bigint,
	"request" jsonb,
	"folded_at" timestamp with time zone,
	CONSTRAINT "user_event_tenant_log_key_pk" PRIMARY KEY("tenant","log_key"),
	CONSTRAINT "kind_known" CHECK ("user_event"."kind" in ('login', 'failure', 'change', 'factor', 'reset')),
	CONSTRAINT "login_has_request" CHECK (("user_event"."kind" = 'login') = ("user_event"."request" is not null))
);
--> statement-breakpoint
ALTER TABLE "assessment" ADD COLUMN "previous_user_key" bigint;--> statement-breakpoint
ALTER TABLE "assessment" ADD COLUMN "token_address" bigint;--> statement-breakpoint
ALTER TABLE "assessment" ADD COLUMN "visit_address" bigint;--> statement-breakpoint
ALTER TABLE "assessment" ADD COLUMN "device" bigint;--> statement-breakpoint
ALTER TABLE "range_list" ADD COLUMN "source" text;--> statement-breakpoint
ALTER TABLE "range_list" ADD COLUMN "entries" integer;--> statement-breakpoint
ALTER TABLE "user_profile" ADD COLUMN "last_place_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user_profile" ADD COLUMN "revision" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "user_event_user" ON "user_event" USING btree ("tenant","user_key","kind","at");--> statement-breakpoint
CREATE INDEX "user_event_received" ON "user_event" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "user_event_to_fold" ON "user_event" USING btree ("tenant","received_at") WHERE "user_event"."kind" in ('login', 'reset') and "user_event"."folded_at" is null;--> statement-breakpoint
CREATE INDEX "assessment_token_address" ON "assessment" USING btree ("tenant","token_address","opened_at","user_key") WHERE "assessment"."token_address" is not null;--> statement-breakpoint
CREATE INDEX "assessment_visit_address" ON "assessment" USING btree ("tenant","visit_address","opened_at","user_key") WHERE "assessment"."visit_address" is not null;--> statement-breakpoint
CREATE INDEX "assessment_device" ON "assessment" USING btree ("tenant","device","opened_at","user_key") WHERE "assessment"."device" is not null;--> statement-breakpoint
CREATE INDEX "assessment_to_fold" ON "assessment" USING btree ("tenant","opened_at") WHERE "assessment"."confirmed_at" is not null and "assessment"."folded_at" is null;