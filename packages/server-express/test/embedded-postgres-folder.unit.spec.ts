import { chmod, chown, lchown, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findBinaries } from '../src/embedded-postgres/binaries.js'

const isRoot = process.getuid?.() === 0
const version = `${findBinaries(undefined).majorVersion}\n`

let folder: string
let running: EmbeddedPostgres | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-folder-'))
  await chmod(folder, 0o711)
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  await rm(folder, { recursive: true, force: true })
})

/** A refused folder starts no part of Postgres. */
const start = async (dataDir = folder): Promise<void> => {
  running = await startEmbeddedPostgres({ dataDir })
}

/** The files of a used folder that are checked before Postgres starts. */
const pretendCluster = async (): Promise<void> => {
  const cluster = join(folder, 'cluster')
  await mkdir(cluster, { mode: 0o700 })
  await writeFile(join(cluster, 'PG_VERSION'), version)
  await writeFile(join(folder, 'password'), 'x'.repeat(32), { mode: 0o600 })
  if (isRoot) await Promise.all([cluster, join(cluster, 'PG_VERSION')].map((path) => chown(path, 65_534, 65_534)))
}

const refused = (said: RegExp) => ({ code: 'FOLDER_UNUSABLE', message: expect.stringMatching(said) })

test.each(['777', '1777', '775', '702'])('refuses a data folder that others can write: mode %s', async (mode) => {
  await writeFile(join(folder, 'password'), '')
  await chmod(folder, Number.parseInt(mode, 8))
  await expect(start()).rejects.toMatchObject(refused(/can be changed by other users.*chmod.*SHOP_DATA_DIR/))
  expect(await readdir(folder)).toEqual(['password'])
})

test.runIf(isRoot)('refuses a data folder of another user', async () => {
  await chown(folder, 65_534, 65_534)
  await expect(start()).rejects.toMatchObject(refused(/belongs to user 65534, not to user 0/))
})

test('refuses a data folder that any user can replace', async () => {
  await chmod(folder, 0o777)
  await expect(start(join(folder, 'data'))).rejects.toMatchObject(refused(/a parent of the data folder/))
})

test('refuses a symbolic link that any user can replace', async () => {
  const open = join(folder, 'open')
  await mkdir(open)
  await mkdir(join(folder, 'mine'))
  await symlink(join(folder, 'mine'), join(open, 'data'))
  await chmod(open, 0o777)
  await expect(start(join(open, 'data'))).rejects.toMatchObject(refused(/a parent of the data folder/))
})

/** A folder like /tmp: all users create files there, and remove their own. */
const openToAll = async (): Promise<string> => {
  const open = join(folder, 'open')
  await mkdir(open)
  await chmod(open, 0o1777)
  return open
}

test.runIf(isRoot)("refuses a data folder inside another user's folder in a world-writable one", async () => {
  const theirs = join(await openToAll(), 'theirs')
  await mkdir(theirs)
  await chown(theirs, 65_534, 65_534)
  await expect(start(join(theirs, 'data'))).rejects.toMatchObject(refused(/theirs, .*replaced by user 65534/))
})

test.runIf(isRoot)('refuses a symbolic link of another user', async () => {
  const path = join(await openToAll(), 'link')
  await symlink(folder, path)
  await lchown(path, 65_534, 65_534)
  await expect(start(path)).rejects.toMatchObject(refused(/link, .*replaced by user 65534/))
})

test('refuses a file with a second hard link', async () => {
  await pretendCluster()
  const victim = join(folder, 'victim')
  await writeFile(victim, '123456\n')
  await link(victim, join(folder, 'cluster', 'postmaster.pid'))
  await expect(start()).rejects.toMatchObject(refused(/postmaster.pid is a hard link/))
  expect(await readFile(victim, 'utf8')).toBe('123456\n')
})

test.each([
  ['password', /password is a symbolic link/],
  ['owner.json', /owner.json is a symbolic link/],
  ['cluster/PG_VERSION', /PG_VERSION is a symbolic link/],
  ['cluster/postmaster.pid', /postmaster.pid is a symbolic link/],
])('refuses a data folder in which %s is a link', async (name, said) => {
  await pretendCluster()
  const victim = join(folder, 'victim')
  const text = name.endsWith('PG_VERSION') ? version : '123456\n'
  await writeFile(victim, text)
  await rm(join(folder, name), { force: true })
  await symlink(victim, join(folder, name))
  await expect(start()).rejects.toMatchObject(refused(said))
  expect(await readFile(victim, 'utf8')).toBe(text)
})

test.each([
  ['can be read by others', async (path: string) => chmod(path, 0o644), /can be read by other users \(mode 0644\)/],
  ['is empty', async (path: string) => writeFile(path, ''), /password of the database is missing/],
  ['is not there', async (path: string) => rm(path), /password of the database is missing/],
  [
    'is a folder',
    async (path: string) => {
      await rm(path)
      await mkdir(path)
    },
    /is not a regular file/,
  ],
] as const)('refuses a data folder if its password %s', async (_, spoil, said) => {
  await pretendCluster()
  await spoil(join(folder, 'password'))
  await expect(start()).rejects.toMatchObject(refused(said))
})
