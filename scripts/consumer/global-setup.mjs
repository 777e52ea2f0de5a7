import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'

/** Uses the Postgres of DATABASE_URL, or starts the one that the published server contains. */
export default async function setup(project) {
  const { DATABASE_URL: given } = process.env
  if (given) {
    project.provide('databaseUrl', given)
    return undefined
  }
  const folder = await mkdtemp(join(tmpdir(), 'shop-consumer-data-'))
  // For root: Postgres then runs as another user, who needs access.
  await chmod(folder, 0o711)
  const postgres = await startEmbeddedPostgres({ dataDir: folder, durable: false })
  project.provide('databaseUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
