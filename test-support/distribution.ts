import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** An executable program. */
export interface Program {
  readonly path: string
  /** Folders of libraries that it needs in addition to those of the system. */
  readonly libraries: string
}

export interface ProgramWanted {
  /** Its name on the PATH, followed by names of compatible programs. */
  readonly names: readonly string[]
  /** An environment variable that may hold its path. */
  readonly variable: string
  /** The Debian or Ubuntu packages that contain it and its libraries. */
  readonly packages: readonly string[]
  /** Its path in these packages. */
  readonly file: string
  /** Advice for users without the program. */
  readonly advice: string
}

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../node_modules/.cache/shop-programs', import.meta.url))

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/** Finds the first of these programs on the PATH. */
export const onPath = async (...names: readonly string[]): Promise<string | undefined> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    if (await isProgram(path)) return path
  }
  return undefined
}

const unpacked = async (folder: string, file: string): Promise<Program | undefined> => {
  const path = join(folder, file)
  if (!(await isProgram(path))) return undefined
  const lib = join(folder, 'usr/lib')
  const folders = await readdir(lib).catch(() => [])
  const libraries = folders.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(lib, name))
  return { path, libraries: libraries.join(delimiter) }
}

/**
 * Downloads and unpacks Debian or Ubuntu packages without installing them. It needs no root and does not change
 * the machine.
 */
const fetchFromDistribution = async ({ names, packages, file }: ProgramWanted): Promise<Program | undefined> => {
  const kept = join(cache, names[0] as string)
  const found = await unpacked(kept, file)
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
      if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, 'unpacked'], { cwd: folder })
    }
    await rename(join(folder, 'unpacked'), kept).catch((error) => {
      // A concurrent run finished first.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return unpacked(kept, file)
}

/**
 * Finds a program: by the variable, then on the PATH, then in distribution packages in a cache folder. Rejects
 * if it is not found.
 */
export const findProgram = async (wanted: ProgramWanted): Promise<Program> => {
  const installed = process.env[wanted.variable] ?? (await onPath(...wanted.names))
  if (installed) return { path: installed, libraries: '' }
  let cause: unknown
  const fetched = await fetchFromDistribution(wanted).catch((error: unknown) => {
    cause = error
    return undefined
  })
  if (fetched) return fetched
  throw new Error(wanted.advice, { cause })
}
