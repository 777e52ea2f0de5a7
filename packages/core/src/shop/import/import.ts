import type { AuditReport } from '../../audit/audit.js'
import type { Outcome } from '../../engine/outcome.js'
import { boolean, checkedElsewhere, optional } from '../../shared/check.js'
import type { Store } from '../../store/store.js'
import { isStoreError } from '../../store/store-error.js'
import type { Execute } from '../calls.js'
import { checkQuery } from '../reading.js'
import { findThere, ImportDryRun, type ImportDryRunOptions } from './dry-run.js'
import { type ImportCall, parseLine } from './parse-line.js'
import { type ImportLines, type NumberedLine, readLines } from './read-lines.js'
import { reasonOf } from './reasons.js'
import { wavesOf } from './waves.js'

/** A line that was not imported. */
export interface BadLine {
  /** The line's number, counted from 1. */
  readonly line: number
  /** What is wrong with it, in English. */
  readonly reason: string
}

/** How far an import has come. */
export interface ImportProgress {
  /** The number of the last line that is done. */
  readonly lines: number
  /** Lines whose data is new. */
  readonly imported: number
  /** Lines whose data was there already. */
  readonly skipped: number
  /** Lines that were not imported. */
  readonly bad: number
}

/** Options of {@link Shop.import}. */
export interface ImportOptions {
  /**
   * Reads and decides every line on the data of the shop, and writes nothing. A line counts as imported if it would be.
   * @default false
   */
  readonly dryRun?: boolean | undefined
  /**
   * Whether every law is checked at the end. A dry run never checks them.
   * @default true
   */
  readonly audit?: boolean | undefined
  /**
   * Ends the import early: no further line begins, lines that are being committed still count, and no law is checked. The
   * import may run again. It does not end a pause of `lines`: close their source for that.
   * @default none
   */
  readonly signal?: AbortSignal | undefined
  /** Called from time to time. Its errors end the import. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
  /** Called for each bad line, in the order of the lines. Its errors end the import. */
  readonly onBadLine?: ((line: BadLine) => void) | undefined
}

/** What an import did. */
export interface ImportReport extends ImportProgress {
  /** Whether nothing was written. */
  readonly dryRun: boolean
  /** The first 100 bad lines. */
  readonly badLines: readonly BadLine[]
  /** The audit at the end; absent in a dry run, without `audit`, and after an early end. */
  readonly audit?: AuditReport | undefined
}

/** Bad lines that the report keeps. */
const maxBadLines = 100

/**
 * Lines that are decided and committed at once: two groups of the import's executor. It bounds the memory of an import.
 */
const windowSize = 2_000

/**
 * Limits of the executor of imports. No caller waits for a command of an import, and it costs less in a larger group: on
 * Postgres 48 µs of processor time in groups of 256, 32 µs in groups of 1,000, 31 µs in groups of 2,000.
 */
export const importLimits = { maxGroupSize: windowSize / 2, maxQueued: 1_000_000, timeoutMs: 60_000 } as const

/** Joins arrays of lines to windows. */
async function* windowsOf(lines: ImportLines, size: number): AsyncGenerator<readonly NumberedLine[]> {
  let window: NumberedLine[] = []
  for await (const some of readLines(lines)) {
    for (const line of some) {
      window.push(line)
      if (window.length < size) continue
      yield window
      window = []
    }
  }
  if (window.length > 0) yield window
}

interface Counts {
  lines: number
  imported: number
  skipped: number
  bad: number
}

interface ImportDeps extends ImportDryRunOptions {
  readonly store: Pick<Store<never>, 'load'>
  /** Checks every law. */
  readonly audit: () => Promise<AuditReport>
  /** Lines that are decided at once, at least 1. @default 2000 */
  readonly windowSize?: number
}

/** One import, from its first to its last window. */
class Import {
  readonly #execute: Execute
  readonly #deps: ImportDeps
  readonly #options: ImportOptions
  readonly #dryRun: ImportDryRun | undefined
  readonly #counts: Counts = { lines: 0, imported: 0, skipped: 0, bad: 0 }
  readonly #badLines: BadLine[] = []
  /** Whether the next lines are probably there already: then one read finds them, and nothing is locked. */
  #isRepeated = false

  constructor(execute: Execute, deps: ImportDeps, options: ImportOptions) {
    this.#execute = execute
    this.#deps = deps
    this.#options = options
    this.#dryRun = options.dryRun ? new ImportDryRun(deps.store, deps) : undefined
  }

  /** Imports the lines. The next window is read while one is committed. */
  async run(lines: ImportLines): Promise<ImportReport> {
    const { dryRun = false, audit = true, signal } = this.#options
    let running: Promise<void> = Promise.resolve()
    try {
      for await (const window of windowsOf(lines, this.#deps.windowSize ?? windowSize)) {
        await running
        if (signal?.aborted) break
        running = this.#importWindow(window)
        // Handled by the next `await`, which may come after the rejection.
        running.catch(() => undefined)
      }
    } catch (error) {
      // A caller that ends the import early may close the source of its lines.
      if (!signal?.aborted) throw error
    } finally {
      await running
    }
    const report = { ...this.#counts, dryRun, badLines: this.#badLines }
    return audit && !dryRun && !signal?.aborted ? { ...report, audit: await this.#deps.audit() } : report
  }

  async #importWindow(window: readonly NumberedLine[]): Promise<void> {
    const calls: ImportCall[] = []
    const bad: BadLine[] = []
    for (const numbered of window) {
      const parsed = parseLine(numbered)
      if (typeof parsed === 'string') bad.push({ line: numbered.line, reason: parsed })
      else calls.push(parsed)
    }
    for (const wave of wavesOf(calls)) bad.push(...(await this.#importWave(wave)))
    this.#counts.lines = window.at(-1)?.line ?? this.#counts.lines
    for (const problem of bad.sort((a, b) => a.line - b.line)) this.#report(problem)
    this.#options.onProgress?.({ ...this.#counts })
  }

  /** Resolves with the lines that were not imported. */
  async #importWave(calls: readonly ImportCall[]): Promise<readonly BadLine[]> {
    const outcomes = await (this.#dryRun?.decide(calls) ?? this.#commit(calls))
    const bad: BadLine[] = []
    for (const [index, call] of calls.entries()) {
      const outcome = outcomes[index] as Outcome<unknown> | { readonly reason: string }
      if ('reason' in outcome) bad.push({ line: call.line, reason: outcome.reason })
      else if (call.isThere(outcome)) this.#counts.skipped += 1
      else if (outcome.ok) this.#counts.imported += 1
      else bad.push({ line: call.line, reason: reasonOf(outcome.refusal, call.input) })
    }
    return bad
  }

  /** Resolves once all calls have ended; rejects then if one of them could not be answered. */
  async #commit(calls: readonly ImportCall[]): Promise<readonly (Outcome<unknown> | { readonly reason: string })[]> {
    const { store } = this.#deps
    const there = this.#isRepeated ? await findThere(calls, store, this.#deps) : undefined
    const settled = await Promise.allSettled(
      calls.map((call) => there?.get(call) ?? this.#execute(call.command, call.input)),
    )
    const outcomes = settled.map((each) => {
      if (each.status === 'fulfilled') return each.value
      if (isStoreError(each.reason) && each.reason.kind === 'rejected') return { reason: each.reason.message }
      throw each.reason
    })
    this.#isRepeated = calls.some((call, index) => {
      const outcome = outcomes[index]
      return outcome !== undefined && !('reason' in outcome) && call.isThere(outcome)
    })
    return outcomes
  }

  #report(problem: BadLine): void {
    this.#counts.bad += 1
    if (this.#badLines.length < maxBadLines) this.#badLines.push(problem)
    this.#options.onBadLine?.(problem)
  }
}

const isIterable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)

/** Imports an existing shop: see {@link Shop.import}. */
export const importOf =
  (execute: Execute, deps: ImportDeps) =>
  async (lines: ImportLines, options: ImportOptions = {}): Promise<ImportReport> => {
    checkQuery(options, {
      dryRun: optional(boolean),
      audit: optional(boolean),
      signal: checkedElsewhere,
      onProgress: checkedElsewhere,
      onBadLine: checkedElsewhere,
    })
    if (!isIterable(lines)) throw new TypeError('import needs lines: an iterable of texts, objects or bytes')
    return new Import(execute, deps, options).run(lines)
  }
