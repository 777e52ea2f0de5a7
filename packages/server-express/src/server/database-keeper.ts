import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { EmbeddedPostgres } from '../embedded-postgres/index.js'
import type { Lifecycle } from './lifecycle.js'

const attempts = 5
const pauseMs = 500

/**
 * Runs the embedded database until the process ends. When it dies by itself it is started again, at the same address:
 * meanwhile callers hear UNAVAILABLE, and afterwards everything goes on. Should it not come back, the server ends, too.
 */
export const superviseDatabase = async (
  start: (port: number | undefined) => Promise<EmbeddedPostgres>,
  { logger, lifecycle }: { readonly logger: Logger; readonly lifecycle: Lifecycle },
): Promise<string> => {
  let running = start(undefined)
  lifecycle.onExit(async () => (await running.catch(() => undefined))?.stop())
  const { url } = await running
  const port = Number(new URL(url).port)

  const startAgain = async (dead: EmbeddedPostgres): Promise<EmbeddedPostgres> => {
    for (let tried = 1; ; tried += 1) {
      try {
        await dead.stop()
        return await start(port)
      } catch (error) {
        if (tried >= attempts || lifecycle.isStopping) throw error
        await setTimeout(pauseMs * tried)
      }
    }
  }

  const watch = async (postgres: EmbeddedPostgres): Promise<void> => {
    await postgres.ended
    if (lifecycle.isStopping) return
    logger.error('the embedded Postgres has ended: it is started again')
    running = startAgain(postgres)
    try {
      const again = await running
      logger.info({ pid: again.pid }, 'the embedded Postgres runs again')
      void watch(again)
    } catch (error) {
      lifecycle.fail(error, 'the database is gone')
    }
  }
  void running.then(watch)
  return url
}
