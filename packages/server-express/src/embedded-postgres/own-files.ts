import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EmbeddedPostgresError } from './error.js'

const writableByOthers = 0o022
const openToOthers = 0o077
const writableByAll = 0o002
const sticky = 0o1000

/** The user of this process. Undefined on Windows, which has no such owners and modes. */
const currentUid = (): number | undefined => process.getuid?.()

const octal = ({ mode }: Stats): string => `0${(mode & 0o7777).toString(8)}`

const unusable = (reason: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError('FOLDER_UNUSABLE', `${reason}, or choose another SHOP_DATA_DIR`)

/** The problem with a file that only `owners` may change, if any. */
const faultOf = (stats: Stats, owners: readonly number[], forbidden: number): string | undefined => {
  if (!owners.includes(stats.uid)) return `belongs to user ${stats.uid}, not to user ${owners.at(-1)}`
  if ((stats.mode & forbidden) === 0) return undefined
  return `can be ${(stats.mode & writableByOthers) === 0 ? 'read' : 'changed'} by other users (mode ${octal(stats)})`
}

/**
 * Refuses a data folder that another user owns or may change. A user who can put files there controls the
 * password of the database, and so the code that runs as this user.
 * Returns the real path, because a symbolic link to it may change later.
 */
export async function checkFolder(folder: string): Promise<string> {
  const owner = currentUid()
  const path = await realpath(folder)
  if (owner === undefined) return path
  const stats = await lstat(path)
  if (!stats.isDirectory()) throw unusable(`${path} is not a folder: remove it`)
  const fault = faultOf(stats, [owner], writableByOthers)
  if (fault !== undefined)
    throw unusable(`the data folder ${path} ${fault}: restrict it to your user (chown, chmod go-w)`)
  // A symbolic link is only as trustworthy as its own parent folders.
  for (const start of new Set([path, folder])) await checkParents(start)
  return path
}

/**
 * Checks all parent folders, because a user who can rename entries in one could replace the data folder. In a
 * sticky parent such as /tmp, only these users can: this user, the owner of the parent, and the owner of the
 * entry. The owner of the working folder is trusted as well.
 */
async function checkParents(path: string): Promise<void> {
  const { uid: workingFolderOwner } = await stat('.')
  for (let inside = path, folder = dirname(path); ; inside = folder, folder = dirname(folder)) {
    const stats = await lstat(folder)
    if (stats.isDirectory() && (stats.mode & writableByAll) !== 0) {
      if ((stats.mode & sticky) === 0) {
        throw unusable(
          `${folder}, a parent of the data folder, can be changed by all users (mode ${octal(stats)}): run chmod o-w on it`,
        )
      }
      const { uid } = await lstat(inside)
      if (![currentUid(), stats.uid, workingFolderOwner].includes(uid)) {
        throw unusable(`${inside}, which contains the data folder, can be replaced by user ${uid}: run chown on it`)
      }
    }
    if (folder === dirname(folder)) return
  }
}

/**
 * The owner of a folder inside the data folder. Undefined if there is no such folder. For root, the cluster may
 * belong to the user that Postgres runs as; for others, it must belong to this user.
 */
export async function ownerOf(folder: string): Promise<number | undefined> {
  let stats: Stats
  try {
    stats = await lstat(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (!stats.isDirectory()) throw unusable(`${folder} is not a folder: remove it`)
  const self = currentUid()
  const fault = self === undefined ? undefined : faultOf(stats, [self === 0 ? stats.uid : self], writableByOthers)
  if (fault !== undefined) throw unusable(`${folder} ${fault}`)
  return stats.uid
}

interface Expected {
  /** A further allowed owner. */
  readonly owner?: number | undefined
  /** Whether other users must not be able to read it. @default false */
  readonly isSecret?: boolean
}

/** `write` opens an existing file for reading and writing. */
const modes = { read: constants.O_RDONLY, write: constants.O_RDWR } as const

/**
 * Opens a regular file that only its owner may change. Undefined if it does not exist. Refuses symbolic links
 * and, for writing, files with several hard links.
 */
export async function openOwn(
  path: string,
  mode: keyof typeof modes,
  { owner, isSecret = false }: Expected = {},
): Promise<FileHandle | undefined> {
  let handle: FileHandle
  try {
    // Non-blocking: opening a pipe that another user placed here would wait forever.
    handle = await open(path, modes[mode] | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw unusable(`${path} is a symbolic link: remove it`)
    throw error
  }
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw unusable(`${path} is not a regular file: remove it`)
    if (mode === 'write' && stats.nlink > 1) throw unusable(`${path} is a hard link to another file: remove it`)
    const self = currentUid()
    const forbidden = isSecret ? openToOthers : writableByOthers
    const fault =
      self === undefined ? undefined : faultOf(stats, [...(owner === undefined ? [] : [owner]), self], forbidden)
    if (fault !== undefined) throw unusable(`${path} ${fault}: restrict it to your user (chown, chmod 600)`)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Reads such a file. Undefined if it does not exist. */
export async function readOwn(path: string, expected?: Expected): Promise<string | undefined> {
  const handle = await openOwn(path, 'read', expected)
  try {
    return await handle?.readFile('utf8')
  } finally {
    await handle?.close()
  }
}

/** Creates a file that only this user can read. Rejects with EEXIST if the path exists, even as a symbolic link. */
export async function createOwn(path: string): Promise<FileHandle> {
  return open(path, 'wx', 0o600)
}
