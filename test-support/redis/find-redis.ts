import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A Redis server that can be started. */
export interface RedisProgram {
  readonly path: string
  /** Folders of libraries that it needs beside those of the system. */
  readonly libraries: string
}

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../../node_modules/.cache/shop-redis', import.meta.url))
const packages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1']

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

const onPath = async (...names: readonly string[]): Promise<string | undefined> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    if (await isProgram(path)) return path
  }
  return undefined
}

const unpacked = async (folder: string): Promise<RedisProgram | undefined> => {
  const path = join(folder, 'usr/bin/redis-server')
  if (!(await isProgram(path))) return undefined
  const lib = join(folder, 'usr/lib')
  const libraries = (await readdir(lib)).filter((name) => name.endsWith('-linux-gnu')).map((name) => join(lib, name))
  return { path, libraries: libraries.join(delimiter) }
}

/** Takes the packages of a Debian or Ubuntu without installing them: no root is needed, and the machine stays as it was. */
const fetchFromDistribution = async (): Promise<RedisProgram | undefined> => {
  const kept = join(cache, 'redis')
  const found = await unpacked(kept)
  if (found) return found
  if (!(await onPath('apt-get')) || !(await onPath('dpkg-deb'))) return undefined
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetch-'))
  try {
    for (const name of ['lists/partial', 'archives/partial']) await mkdir(join(folder, name), { recursive: true })
    const settings = [
      `Dir::State::lists=${folder}/lists`,
      `Dir::Cache=${folder}`,
      'Debug::NoLocking=1',
      'APT::Sandbox::User=',
    ]
    const apt = ['-qq', ...settings.flatMap((setting) => ['-o', setting])]
    await run('apt-get', [...apt, 'update'], { cwd: folder })
    await run('apt-get', [...apt, 'download', ...packages], { cwd: folder })
    for (const name of await readdir(folder)) {
      if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, 'redis'], { cwd: folder })
    }
    await rename(join(folder, 'redis'), kept).catch((error) => {
      // Another run was quicker.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return unpacked(kept)
}

/** REDIS_SERVER_BIN, else what is installed, else the distribution's own packages in a cache folder. Rejects where there is none. */
export const findRedis = async (): Promise<RedisProgram> => {
  const installed = process.env['REDIS_SERVER_BIN'] ?? (await onPath('redis-server', 'valkey-server'))
  if (installed) return { path: installed, libraries: '' }
  let cause: unknown
  const fetched = await fetchFromDistribution().catch((error: unknown) => {
    cause = error
    return undefined
  })
  if (fetched) return fetched
  throw new Error(
    'These tests need a Redis server, and none was found. Install one ("apt install redis-server", "brew install redis"), ' +
      'or set REDIS_SERVER_BIN to the path of redis-server or valkey-server.',
    { cause },
  )
}
