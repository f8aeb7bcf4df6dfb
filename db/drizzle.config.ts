/** Where `npm run migrations` reads the schema and writes migrations. Not used at run time. */
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './db/schema.ts',
  out: './db/migrations',
})
