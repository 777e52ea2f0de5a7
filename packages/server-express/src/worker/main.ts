import { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { Registry } from 'prom-client'
import { LogOutput } from '../observability/log-output.js'
import { createLogger } from '../observability/logger.js'
import { RequestMetrics } from '../observability/request-metrics.js'
import { HttpListener } from '../server/http-listener.js'
import { linkDescriptor } from '../workers/link-descriptor.js'
import type { Order, ProcessUse, Report, WorkerSettings } from '../workers/messages.js'
import { workerApp } from './app.js'
import { EngineClient } from './engine-client.js'

/** How often a worker shows that it is alive. */
const reportMs = 2_000

// As the program itself: most of the heap is garbage of the last moment.
setFlagsFromString('--heap-growing-percent=40')

const tell = (report: Report, told?: () => void): void => {
  if (process.connected) process.send?.(report, undefined, {}, () => told?.())
  else told?.()
}

const start = ({ number, logLevel, http, port, host }: WorkerSettings): void => {
  const output = new LogOutput(process.stdout)
  const logger = createLogger(logLevel, output).child({ worker: number })
  const registry = new Registry()
  const shedding = new AbortController()
  const engine = new EngineClient(new Socket({ fd: linkDescriptor, readable: true, writable: true }))
  const metrics = new RequestMetrics(registry)
  const app = workerApp({ options: http, engine, logger, metrics, shedding: shedding.signal })
  const listener = new HttpListener(app, logger)

  const end = async (status: number): Promise<void> => {
    await output.flush()
    process.exit(status)
  }
  const fail = (error: unknown, message: string): void => {
    logger.fatal({ err: error }, message)
    void end(1)
  }
  process.on('uncaughtException', (error) => fail(error, 'bug: uncaught exception'))
  process.on('unhandledRejection', (error) => fail(error, 'bug: unhandled promise rejection'))

  const report = async (): Promise<void> => {
    const { user, system } = process.cpuUsage()
    const use: ProcessUse = {
      processorSeconds: (user + system) / 1e6,
      residentBytes: process.memoryUsage.rss(),
      connections: await listener.connections(),
    }
    tell({ kind: 'state', metrics: await registry.getMetricsAsJSON(), use })
  }
  const close = async (graceMs: number): Promise<void> => {
    const cut = await listener.close(graceMs)
    await report()
    tell({ kind: 'closed', cut }, () => void end(0))
  }
  process.on('message', (order: Order) => {
    if (order.kind === 'shed') shedding.abort()
    else if (order.kind === 'report') void report()
    else if (order.kind === 'close') void close(order.graceMs)
  })
  setInterval(() => void report(), reportMs)
  listener.listen(port, host).then(
    (address) => tell({ kind: 'listening', address }),
    ({ message, code }: NodeJS.ErrnoException) => tell({ kind: 'failed', error: { message, code } }),
  )
}

// A signal to the whole process group is for the engine, which then ends its workers.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
process.on('message', (order: Order) => {
  if (order.kind === 'start') start(order.settings)
})
tell({ kind: 'ready' })
