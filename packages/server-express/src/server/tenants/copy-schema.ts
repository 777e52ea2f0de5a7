import { once } from 'node:events'
import { startProgram } from './pg-programs.js'

export interface CopySchemaOptions {
  readonly from: string
  readonly to: string
  readonly schema: string
  /** The schema of `pg_trgm` in the new database, quoted; undefined without the extension. */
  readonly searchExtension: string | undefined
  readonly signal: AbortSignal
  /** Is told how many bytes have been copied so far. */
  readonly onProgress: (bytes: number) => void
}

/** Owner and rights are those of the user who copies. */
const dumpArgs = (schema: string, ...sections: readonly string[]): readonly string[] => [
  `--schema="${schema}"`,
  '--no-owner',
  '--no-privileges',
  ...sections.map((section) => `--section=${section}`),
]

/** The extension may be in another schema there; without it, the index is left out. */
export const withSearchExtension = (sql: string, searchExtension: string | undefined): string =>
  searchExtension === undefined
    ? sql.replace(/^CREATE INDEX [^;]*\bgin_trgm_ops\b[^;]*;$/gm, '')
    : sql.replace(/(?:"(?:[^"]|"")+"|\w+)\.gin_trgm_ops\b/g, () => `${searchExtension}.gin_trgm_ops`)

/**
 * Copies a schema to a database that has none of this name, in one transaction there: all of it, or nothing. The
 * caller keeps others from writing to it.
 * @throws TenantsFailure
 */
export const copySchema = async (options: CopySchemaOptions): Promise<void> => {
  const { from, to, schema, searchExtension, signal, onProgress } = options
  const restore = startProgram('psql', to, ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-'])
  restore.child.stdout.resume()
  let bytes = 0
  const send = async (chunk: string | Uint8Array): Promise<void> => {
    bytes += chunk.length
    onProgress(bytes)
    if (restore.child.stdin.write(chunk)) return
    await Promise.race([once(restore.child.stdin, 'drain'), restore.ended])
  }
  const dump = async (sections: readonly string[], take: (chunk: Uint8Array) => Promise<void> | void) => {
    const { child, ended } = startProgram('pg_dump', from, dumpArgs(schema, ...sections))
    try {
      for await (const chunk of child.stdout) {
        signal.throwIfAborted()
        await take(chunk as Uint8Array)
      }
      await ended
    } finally {
      child.kill('SIGKILL')
    }
  }
  try {
    await send('begin;\n')
    await dump(['pre-data', 'data'], send)
    const rest: Uint8Array[] = []
    await dump(['post-data'], (chunk) => void rest.push(chunk))
    await send(withSearchExtension(Buffer.concat(rest).toString(), searchExtension))
    // Only now: whatever fails before ends the session without a commit.
    restore.child.stdin.end('commit;\n')
    await restore.ended
  } catch (error) {
    restore.child.kill('SIGKILL')
    throw error
  }
}
