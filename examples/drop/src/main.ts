import { fileURLToPath } from 'node:url'
import { createExpressServer } from '@shop/server-express'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import { createHost } from './host.js'

const { DATABASE_URL: databaseUrl, PORT: port = '3000', OPENS_AT: opensAt, HOLD_MINUTES: holdMinutes } = process.env

const postgres = databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir: '.drop-data' }) : undefined
const { app, server } = await createHost({
  databaseUrl: databaseUrl ?? postgres?.url ?? '',
  opensAt: opensAt ?? new Date(Date.now() + 60_000).toISOString(),
  holdMinutes: Number(holdMinutes ?? 10),
  sessionKey: process.env['SESSION_KEY'] ?? 'only for this machine',
  page: fileURLToPath(new URL('./page', import.meta.url)),
})
const http = createExpressServer(app).listen(Number(port), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${port}`)
})

const stop = async () => {
  const closed = new Promise((resolve) => http.close(resolve))
  http.closeIdleConnections()
  await server.close()
  await closed
  await postgres?.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
