// Starts what any such server must start: a Postgres on an existing folder, and Express.
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import { bareExpress } from './bare-app.js'

const postgres = await startEmbeddedPostgres({ dataDir: process.env['SHOP_DATA_DIR'] ?? '' })
const server = bareExpress().listen(0, '127.0.0.1', () => process.stdout.write('Listening on 127.0.0.1\n'))
process.once('SIGTERM', () => {
  server.close()
  void postgres.stop()
})
