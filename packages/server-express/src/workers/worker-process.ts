import cluster, { type ClusterSettings, type Worker } from 'node:cluster'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { linkDescriptor } from './link-descriptor.js'
import type { MetricsJson, Order, ProcessUse, Report, WorkerSettings } from './messages.js'
import { type EngineWork, WorkerLink } from './worker-link.js'

/** How long a worker may take until it listens. */
const startMs = 30_000
/** How often the engine looks whether a worker has told its state since. */
const checkMs = 2_500
/** A worker that tells nothing at so many looks in a row is killed. */
const maxSilentChecks = 4
/** How long the engine waits for a state that it asks for. */
const reportMs = 500

/** The program of a worker: beside the code that this module is built into. */
const program = (): string => fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url))

const fork = (): Worker => {
  if (!cluster.isPrimary)
    throw new Error(
      'createServer: workers cannot start in a process that is itself a worker of node:cluster: use workers: 1',
    )
  const exec = program()
  if (!existsSync(exec)) {
    throw new Error(
      `createServer: workers need ${exec}, a file of @shop/server-express: keep the package out of your bundle, or use workers: 1`,
    )
  }
  // Workers accept connections themselves: handed over, each would cost the engine as much as three claims.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  const stdio: ('ignore' | 'inherit' | 'ipc' | 'overlapped')[] = ['ignore', 'inherit', 'inherit', 'ipc', 'overlapped']
  cluster.setupPrimary({ exec, args: [], serialization: 'advanced', stdio } as ClusterSettings)
  return cluster.fork()
}

/** How a process has ended. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: string | null
}

/** One process that answers HTTP. */
export class WorkerProcess {
  readonly number: number
  /** Resolves when the process has ended. */
  readonly ended: Promise<ProcessEnd>
  readonly #worker: Worker
  readonly #link: WorkerLink | undefined
  #metrics: MetricsJson = []
  #use: ProcessUse | undefined
  #silentChecks = 0
  #isListening = false
  #onReport: ((report: Report) => void)[] = []

  constructor(number: number, work: EngineWork) {
    this.number = number
    this.#worker = fork()
    // Without file descriptors, the system starts no process, and there is no link.
    const stream = this.#worker.process.stdio?.[linkDescriptor] as Duplex | undefined
    this.#link = stream && new WorkerLink(stream, work)
    this.#worker.on('message', (report: Report) => this.#take(report))
    const checking = setInterval(() => this.#check(), checkMs).unref()
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null) => {
        clearInterval(checking)
        this.#link?.release()
        resolve({ code, signal })
      }
      this.#worker.once('exit', end)
      // Of a process that runs, its channel broke, and its end follows.
      this.#worker.on('error', () => {
        if (this.pid === undefined) end(null, null)
      })
    })
  }

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  /** Its metrics, as it told them last. */
  get metrics(): MetricsJson {
    return this.#metrics
  }

  /** What its process uses, as it told it last. */
  get use(): ProcessUse | undefined {
    return this.#use
  }

  /** Questions that have no answer yet. */
  get underWay(): number {
    return this.#link?.underWay ?? 0
  }

  /** Resolves with the address once it listens. Rejects with the error of the system, or if the process ends before. */
  async start(settings: Omit<WorkerSettings, 'number'>): Promise<AddressInfo> {
    const ready = await this.#next(startMs, ({ kind }) => kind === 'ready')
    if (ready) this.tell({ kind: 'start', settings: { ...settings, number: this.number } })
    const first = ready && (await this.#next(startMs, ({ kind }) => kind === 'listening' || kind === 'failed'))
    if (first?.kind === 'listening') {
      this.#isListening = true
      return first.address
    }
    this.kill()
    if (first?.kind === 'failed') throw Object.assign(new Error(first.error.message), { code: first.error.code })
    throw new Error(`worker ${this.number} did not start`)
  }

  tell(order: Order): void {
    if (this.#worker.isConnected()) this.#worker.send(order, undefined, () => undefined)
  }

  /** Asks for the present metrics, and waits for them a moment. */
  async refresh(): Promise<void> {
    this.tell({ kind: 'report' })
    await this.#next(reportMs, ({ kind }) => kind === 'state')
  }

  /** Resolves with the number of connections that were cut off, once the process has ended. */
  async close(graceMs: number): Promise<number> {
    if (!this.#isListening) this.kill()
    this.tell({ kind: 'close', graceMs })
    const last = await this.#next(graceMs + startMs, ({ kind }) => kind === 'closed')
    await this.ended
    return last?.kind === 'closed' ? last.cut : 0
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL')
  }

  #check(): void {
    this.#silentChecks += 1
    if (this.#silentChecks > maxSilentChecks) this.kill()
  }

  #take(report: Report): void {
    this.#silentChecks = 0
    if (report.kind === 'state') {
      this.#metrics = report.metrics
      this.#use = report.use
    }
    for (const take of this.#onReport) take(report)
  }

  /** The next report of a kind; undefined if the process ends before, or after `ms`. */
  async #next(ms: number, isWanted: (report: Report) => boolean): Promise<Report | undefined> {
    let take: (report: Report) => void = () => undefined
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<Report | undefined>((resolve) => {
        take = (report) => {
          if (isWanted(report)) resolve(report)
        }
        this.#onReport.push(take)
        void this.ended.then(() => resolve(undefined))
        timer = setTimeout(() => resolve(undefined), ms)
      })
    } finally {
      clearTimeout(timer)
      this.#onReport = this.#onReport.filter((each) => each !== take)
    }
  }
}
