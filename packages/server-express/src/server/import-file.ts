import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import type { ImportProgress, ImportReport, Shop } from '@shop/core'
import type { Logger } from 'pino'
import { ImportDisplay } from './import-display.js'
import { exitStatus } from './start-failure.js'

/** The lines to import. */
export interface LineSource {
  /** The file's name; `-` is the standard input. */
  readonly file: string
  readonly stream: Readable
  /** Undefined if it cannot be known. */
  readonly bytes: number | undefined
}

/** Opens a file, or the standard input for `-`. Rejects if it cannot be read. */
export const openLines = async (file: string): Promise<LineSource> => {
  if (file === '-') return { file, stream: process.stdin, bytes: undefined }
  const handle = await open(file)
  try {
    const stat = await handle.stat()
    if (stat.isDirectory()) throw new Error('it is a folder')
    return {
      file,
      stream: createReadStream(file, { fd: handle, highWaterMark: 262_144 }),
      bytes: stat.isFile() ? stat.size : undefined,
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

const totals = ({ imported, skipped, bad }: ImportProgress): string =>
  `imported ${imported}, skipped ${skipped}, bad ${bad}`

const maxReason = 500

/** A reason may hold names of the file's fields: they cannot write to the terminal as they like. */
const printable = (reason: string): string =>
  reason.length > maxReason ? printable(`${reason.slice(0, maxReason - 1)}…`) : reason.replace(/\p{Cc}/gu, '\ufffd')

interface ImportFileOptions {
  readonly dryRun: boolean
  /** Ends the import early. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** Prints the laws that are broken, and resolves with the exit status. */
const audit = async (shop: Shop, { bad }: ImportReport, logger: Logger): Promise<number> => {
  const report = await shop.audit().catch((error: unknown) => logger.error({ err: error }, 'the audit failed'))
  if (!report) {
    process.stderr.write('every line is done, but the audit failed: run shop-server audit\n')
    return exitStatus.failed
  }
  const { ok, violations } = report
  if (ok) process.stdout.write('audit: every law holds\n')
  for (const { law, subject } of violations) process.stdout.write(`audit: ${law} is broken for ${subject}\n`)
  if (!ok) return exitStatus.failed
  return bad > 0 ? exitStatus.badLines : 0
}

/** Imports the lines, shows how far it is, and prints the totals. Resolves with the exit status. */
export const importFile = async (
  shop: Shop,
  { file, stream, bytes }: LineSource,
  { dryRun, signal, logger }: ImportFileOptions,
): Promise<number> => {
  const display = new ImportDisplay(process.stderr, bytes)
  let soFar: ImportProgress = { lines: 0, imported: 0, skipped: 0, bad: 0 }
  let readError: unknown
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of addAbortSignal(signal, stream)) {
        display.read(chunk.length)
        yield chunk
      }
    } catch (error) {
      readError = error
      throw error
    }
  }
  try {
    const report = await shop.import(chunks(), {
      dryRun,
      signal,
      audit: false,
      onBadLine: ({ line, reason }) => display.print(`line ${line}: ${printable(reason)}`),
      onProgress: (progress) => {
        soFar = progress
        display.show(progress)
      },
    })
    display.end()
    process.stdout.write(`${totals(report)}${dryRun ? ' (dry run: nothing is written)' : ''}\n`)
    if (signal.aborted) {
      process.stderr.write('interrupted: run the import again to go on\n')
      return exitStatus.failed
    }
    if (dryRun) return report.bad > 0 ? exitStatus.badLines : 0
    return await audit(shop, report, logger)
  } catch (error) {
    display.end()
    process.stdout.write(`${totals(soFar)}\n`)
    if (error === readError) {
      process.stderr.write(`${file} cannot be read: ${(error as Error).message}\n`)
      return exitStatus.noInput
    }
    logger.error({ err: error }, 'the import failed')
    process.stderr.write('the import ended early: run it again to go on\n')
    return exitStatus.failed
  }
}
