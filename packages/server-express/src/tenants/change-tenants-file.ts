import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { parseTenants, type TenantsContent, TenantsFileError } from './tenants-content.js'

const waitMs = 10_000
const retryMs = 20

const permissions = 0o777

const openLock = async (path: string, lock: string): Promise<number> => {
  const deadline = performance.now() + waitMs
  for (;;) {
    try {
      return openSync(lock, 'wx', 0o600)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST') {
        throw new TenantsFileError(path, [{ path: '', reason: `cannot be written: ${code}` }], { cause: error })
      }
      if (performance.now() > deadline) {
        const reason = `is being changed by another process; if there is none, remove ${lock}`
        throw new TenantsFileError(path, [{ path: '', reason }])
      }
    }
    await setTimeout(retryMs)
  }
}

/**
 * Changes a file of shops. The new file takes the place of the old one at once, with its permissions; a reader
 * sees the one or the other. Two changes at once happen one after another. The lock file is the new file, as in
 * git. A lock file that stays after a crash is named, not removed.
 * @throws TenantsFileError if the file, or what `change` makes of it, is wrong: then it stays as it is. It passes
 * on what `change` throws.
 */
export const changeTenantsFile = async (
  path: string,
  change: (content: TenantsContent) => TenantsContent,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> => {
  const file = realpathSync(path)
  const lock = `${file}.lock`
  const handle = await openLock(path, lock)
  // No await from here on: a signal that ends the process finds the change done, or not begun.
  try {
    const before = statSync(file)
    const { content } = parseTenants(path, readFileSync(file, 'utf8'), environment)
    const text = `${JSON.stringify(change(content), null, 2)}\n`
    parseTenants(path, text, environment)
    writeFileSync(handle, text)
    fchmodSync(handle, before.mode & permissions)
    // Otherwise a change by root takes the file away from the user of the server.
    if (process.getuid?.() === 0) fchownSync(handle, before.uid, before.gid)
    fsyncSync(handle)
    renameSync(lock, file)
  } catch (error) {
    rmSync(lock, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
}
