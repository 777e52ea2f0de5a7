import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EmbeddedPostgresError } from './error.js'

const writableByOthers = 0o022
const openToOthers = 0o077
const writableByAll = 0o002
const sticky = 0o1000

/** Windows has neither owners nor modes of this kind. */
const us = (): number | undefined => process.getuid?.()

const octal = ({ mode }: Stats): string => `0${(mode & 0o7777).toString(8)}`

const unusable = (reason: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError('FOLDER_UNUSABLE', `${reason}, or choose another SHOP_DATA_DIR`)

/** What may be wrong with something that only `owners` may be able to change. */
const faultOf = (stats: Stats, owners: readonly number[], forbidden: number): string | undefined => {
  if (!owners.includes(stats.uid)) return `belongs to user ${stats.uid}, not to user ${owners.at(-1)}`
  if ((stats.mode & forbidden) === 0) return undefined
  return `can be ${(stats.mode & writableByOthers) === 0 ? 'read' : 'changed'} by other users (mode ${octal(stats)})`
}

/**
 * Refuses a data folder that another user made or may change: somebody who can put files there chooses the password of the database,
 * and with it what runs as us. Answers where it is: a symbolic link that leads to it may lead elsewhere in a moment.
 */
export async function checkFolder(folder: string): Promise<string> {
  const owner = us()
  const path = await realpath(folder)
  if (owner === undefined) return path
  const stats = await lstat(path)
  if (!stats.isDirectory()) throw unusable(`${path} is no folder: remove it`)
  const fault = faultOf(stats, [owner], writableByOthers)
  if (fault !== undefined) throw unusable(`the data folder ${path} ${fault}: make it yours alone (chown, chmod go-w)`)
  // A symbolic link leads as far as the folder that it is in can be trusted.
  for (const start of new Set([path, folder])) await checkParents(start)
  return path
}

/**
 * Somebody who may rename what is in a parent can put another folder in place of ours. In a sticky one, as /tmp is, only owners
 * can: us, the owner of the parent, and the owner of the folder we were started in, and with it what we run.
 */
async function checkParents(path: string): Promise<void> {
  const { uid: host } = await stat('.')
  for (let inside = path, folder = dirname(path); ; inside = folder, folder = dirname(folder)) {
    const stats = await lstat(folder)
    if (stats.isDirectory() && (stats.mode & writableByAll) !== 0) {
      if ((stats.mode & sticky) === 0) {
        throw unusable(
          `${folder}, which holds the data folder, can be changed by all users (mode ${octal(stats)}): chmod o-w it`,
        )
      }
      const { uid } = await lstat(inside)
      if (![us(), stats.uid, host].includes(uid)) {
        throw unusable(`${inside}, which leads to the data folder, can be replaced by user ${uid}: chown it`)
      }
    }
    if (folder === dirname(folder)) return
  }
}

/**
 * Who owns a folder inside the data folder; nothing where there is none. Root's cluster belongs to the user its Postgres runs as,
 * so only for others has it to be this process.
 */
export async function ownerOf(folder: string): Promise<number | undefined> {
  let stats: Stats
  try {
    stats = await lstat(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (!stats.isDirectory()) throw unusable(`${folder} is no folder: remove it`)
  const self = us()
  const fault = self === undefined ? undefined : faultOf(stats, [self === 0 ? stats.uid : self], writableByOthers)
  if (fault !== undefined) throw unusable(`${folder} ${fault}`)
  return stats.uid
}

interface Expected {
  /** Who may own it beside this process. */
  readonly owner?: number | undefined
  /** May nobody else read it? @default false */
  readonly isSecret?: boolean
}

/** `write`: to read and write a file that is there. */
const modes = { read: constants.O_RDONLY, write: constants.O_RDWR } as const

/**
 * Opens a plain file that only its owner may change, or answers nothing where there is none. A symbolic link is refused, and so
 * is, to write, a file that has another name elsewhere.
 */
export async function openOwn(
  path: string,
  mode: keyof typeof modes,
  { owner, isSecret = false }: Expected = {},
): Promise<FileHandle | undefined> {
  let handle: FileHandle
  try {
    // A pipe that somebody put there would keep an open that does not say so waiting.
    handle = await open(path, modes[mode] | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw unusable(`${path} is a symbolic link: remove it`)
    throw error
  }
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw unusable(`${path} is no plain file: remove it`)
    if (mode === 'write' && stats.nlink > 1) throw unusable(`${path} is a hard link to another file: remove it`)
    const self = us()
    const forbidden = isSecret ? openToOthers : writableByOthers
    const fault =
      self === undefined ? undefined : faultOf(stats, [...(owner === undefined ? [] : [owner]), self], forbidden)
    if (fault !== undefined) throw unusable(`${path} ${fault}: make it yours alone (chown, chmod 600)`)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The text of such a file, or nothing where there is none. */
export async function readOwn(path: string, expected?: Expected): Promise<string | undefined> {
  const handle = await openOwn(path, 'read', expected)
  try {
    return await handle?.readFile('utf8')
  } finally {
    await handle?.close()
  }
}

/** Makes a file that only we may read. Rejects with EEXIST where there is something already, a symbolic link included. */
export async function createOwn(path: string): Promise<FileHandle> {
  return open(path, 'wx', 0o600)
}
