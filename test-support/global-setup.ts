import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../packages/server-express/src/embedded-postgres/index.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of a Postgres server that allows creating databases. */
    databaseUrl: string
  }
}

/** Uses the server of DATABASE_URL, or starts one for this run. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['DATABASE_URL']
  if (given) {
    project.provide('databaseUrl', given)
    return undefined
  }
  const folder = await mkdtemp(join(tmpdir(), 'shop-test-'))
  // For root: Postgres then runs as another user, who needs access.
  await chmod(folder, 0o711)
  const postgres = await startEmbeddedPostgres({ dataDir: folder, durable: false })
  project.provide('databaseUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
