import { execFile } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inMemoryStore } from '@shop/core/in-memory'
import { createServer, type ShopServer } from '@shop/server-express'
import { freshDatabase } from '@shop/test-support/database'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** Builds the page if its sources are newer than the build. */
export const buildPage = async (): Promise<void> => {
  await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'build'], { cwd: root })
}

export interface ServedPage {
  readonly url: string
  readonly shop: ShopServer['shop']
  /** Lets the platform accept events from now on. Before, it refuses all. */
  openPlatform(): void
  close(): Promise<void>
}

/** What the server keeps its data in. */
export type Storage = 'memory' | 'postgres'

/**
 * The real server with demo data, on a free port. Its platform refuses events until it is opened.
 * `storage`: Postgres costs each test about a second, so only what needs it uses it.
 */
export const servePage = async (storage: Storage, currency?: string): Promise<ServedPage> => {
  let status = 500
  const platform = createHttpServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end())
  })
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve))
  const { port: platformPort } = platform.address() as AddressInfo
  const database = storage === 'postgres' ? await freshDatabase() : undefined
  const options = {
    auth: { secret: 'a secret of the tests, 32 bytes or more' },
    demoData: true,
    demoSignIn: 'local',
    currency,
    dataPlatform: {
      url: `http://127.0.0.1:${platformPort}/events`,
      secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      relay: { maxAttempts: 1 },
    },
  } as const
  const server = await (database
    ? createServer({ ...options, databaseUrl: database.url })
    : createServer({ ...options, store: inMemoryStore() }))
  const { port } = await server.listen(0)
  return {
    url: `http://127.0.0.1:${port}/`,
    shop: server.shop,
    openPlatform() {
      status = 204
    },
    async close() {
      await server.close()
      await database?.drop()
      platform.closeAllConnections()
      await new Promise((resolve) => platform.close(resolve))
    },
  }
}
