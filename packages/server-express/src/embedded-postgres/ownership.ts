import { randomUUID } from 'node:crypto'
import { link, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedPostgresError } from './error.js'
import { createOwn, readOwn } from './own-files.js'
import { birthOf, isRunning } from './processes.js'

export interface Ownership {
  release(): Promise<void>
}

interface Owner {
  readonly pid: number
  readonly birth: string
  /** Distinguishes two claims of one process. */
  readonly claim: string
}

/**
 * Claims exclusive use of the folder until `release()`. Takes over the record of a process that no longer runs.
 * If several processes try at the same time, one succeeds and the others are refused with FOLDER_IN_USE.
 */
export async function claimFolder(folder: string): Promise<Ownership> {
  const record = join(folder, 'owner.json')
  const mine: Owner = { pid: process.pid, birth: birthOf(process.pid), claim: randomUUID() }
  const text = JSON.stringify(mine)
  const draft = `${record}.${mine.claim}`
  const file = await createOwn(draft)
  await file.writeFile(text)
  await file.close()
  try {
    while (!(await linked(draft, record))) {
      const current = await readOwn(record)
      if (current === undefined) continue
      const owner = parsed(current)
      if (owner && isAlive(owner)) throw inUse(folder, owner.pid)
      await removeStale(record, current)
    }
  } finally {
    await rm(draft, { force: true })
  }
  return {
    release: async () => {
      if ((await readOwn(record)) === text) await rm(record, { force: true })
    },
  }
}

/** Moves the record away before reading it again: another process may have taken over between reading and removing. */
async function removeStale(record: string, expected: string): Promise<void> {
  const aside = `${record}.${randomUUID()}`
  try {
    await rename(record, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if ((await readOwn(aside)) !== expected) await linked(aside, record)
  await rm(aside, { force: true })
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function parsed(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner
  } catch {
    return undefined
  }
}

const isAlive = (owner: Owner): boolean => isRunning(owner.pid) && birthOf(owner.pid) === owner.birth

function inUse(folder: string, pid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'FOLDER_IN_USE',
    `the data folder ${folder} is in use by another server (process ${pid}): stop it, or choose another SHOP_DATA_DIR`,
  )
}
