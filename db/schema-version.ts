/**
 * How many migrations this build knows. A database may have more (a newer build migrated it first),
 * never fewer: then the service is not ready.
 */
export const SCHEMA_VERSION = 10

/** Where the migrator notes what it has run; read by the store's readiness check. */
export const MIGRATIONS_TABLE = 'schema_migration'
