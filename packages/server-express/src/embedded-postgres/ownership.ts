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
  /** Tells two claims of one process apart. */
  readonly claim: string
}

/**
 * Makes this process the only user of the folder until `release()`. A record left by a process that no longer runs is
 * taken over; of several that try at once, one gets the folder and the others are refused with FOLDER_IN_USE.
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
      const seen = await readOwn(record)
      if (seen === undefined) continue
      const owner = parsed(seen)
      if (owner && isAlive(owner)) throw inUse(folder, owner.pid)
      await removeStale(record, seen)
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

/** Moves the record away before it looks again: between reading and removing, another process may have taken over. */
async function removeStale(record: string, seen: string): Promise<void> {
  const aside = `${record}.${randomUUID()}`
  try {
    await rename(record, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if ((await readOwn(aside)) !== seen) await linked(aside, record)
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
    `the data folder ${folder} is used by another server (process ${pid}): stop it, or choose another SHOP_DATA_DIR`,
  )
}
