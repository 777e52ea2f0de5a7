import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { EmbeddedPostgres } from '../embedded-postgres/index.js'
import type { Lifecycle } from './lifecycle.js'

const maxAttempts = 5
const backoffMs = 500

/**
 * Runs the embedded Postgres until the process ends, and restarts it on the same port if it dies. During a
 * restart, callers get UNAVAILABLE. If the restarts fail, the server ends, too.
 */
export const superviseDatabase = async (
  start: (port: number | undefined) => Promise<EmbeddedPostgres>,
  { logger, lifecycle }: { readonly logger: Logger; readonly lifecycle: Lifecycle },
): Promise<string> => {
  let running = start(undefined)
  lifecycle.onExit(async () => (await running.catch(() => undefined))?.stop())
  const { url } = await running
  const port = Number(new URL(url).port)

  const restart = async (dead: EmbeddedPostgres): Promise<EmbeddedPostgres> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await dead.stop()
        return await start(port)
      } catch (error) {
        if (attempt >= maxAttempts || lifecycle.isStopping) throw error
        await setTimeout(backoffMs * attempt)
      }
    }
  }

  const watch = async (postgres: EmbeddedPostgres): Promise<void> => {
    await postgres.ended
    if (lifecycle.isStopping) return
    logger.error('the embedded Postgres ended unexpectedly: restarting')
    running = restart(postgres)
    try {
      const restarted = await running
      logger.info({ pid: restarted.pid }, 'the embedded Postgres was restarted')
      void watch(restarted)
    } catch (error) {
      lifecycle.fail(error, 'the embedded Postgres could not be restarted')
    }
  }
  void running.then(watch)
  return url
}
