CREATE TABLE "identifier_key" (
	"tenant" text NOT NULL,
	"fingerprint" text NOT NULL,
	"last_used_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "identifier_key_tenant_fingerprint_pk" PRIMARY KEY("tenant","fingerprint")
);
