import { spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Binaries, programPath } from './binaries.js'
import { EmbeddedPostgresError } from './error.js'
import { commandAs, type Identity } from './identity.js'
import { createOwn, ownerOf, readOwn } from './own-files.js'

export const superuser = 'shop'

const draftPrefix = 'cluster.draft-'

export const clusterFolder = (dataDir: string): string => join(dataDir, 'cluster')
const passwordFile = (dataDir: string): string => join(dataDir, 'password')

/** The major version of the cluster. Undefined if there is no cluster. */
export async function clusterVersion(dataDir: string): Promise<number | undefined> {
  const cluster = clusterFolder(dataDir)
  const owner = await ownerOf(cluster)
  const text = owner === undefined ? undefined : await readOwn(join(cluster, 'PG_VERSION'), { owner })
  return text === undefined ? undefined : Number.parseInt(text, 10)
}

/** The environment of Postgres and its tools, without the PG… variables of this process. */
export const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  LC_ALL: 'C',
  TZ: 'UTC',
  ...pick(['PATH', 'SystemRoot', 'TEMP', 'TMP']),
})

function pick(names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

/**
 * Creates the cluster and its password. The files are created in a draft folder and renamed when complete, so
 * an interrupted start leaves nothing that looks like a cluster.
 */
export async function createCluster(
  dataDir: string,
  { binaries, identity, durable }: { binaries: Binaries; identity: Identity; durable: boolean },
): Promise<void> {
  await removeDrafts(dataDir)
  const draft = join(dataDir, `${draftPrefix}${randomUUID()}`)
  await mkdir(draft, { mode: 0o700 })
  // Left behind by an interrupted start.
  await rm(passwordFile(dataDir), { force: true })
  const password = await createOwn(passwordFile(dataDir))
  try {
    await password.writeFile(randomBytes(24).toString('base64url'))
    if (identity.kind === 'user') {
      await chown(draft, identity.uid, identity.gid)
      await password.chown(identity.uid, identity.gid)
    }
    await initdb(binaries, identity, [
      ...['-D', draft, '-U', superuser, `--pwfile=${passwordFile(dataDir)}`, '-A', 'scram-sha-256'],
      ...['-E', 'UTF8', ...localeOptions(binaries), '--no-instructions', ...(durable ? [] : ['--no-sync'])],
    ])
    if (identity.kind === 'user') await password.chown(0, 0)
  } finally {
    await password.close()
  }
  await rename(draft, clusterFolder(dataDir))
}

/** A killed `initdb` may still write for a moment. Drafts that cannot be removed now are harmless. */
async function removeDrafts(dataDir: string): Promise<void> {
  const drafts = (await readdir(dataDir)).filter((name) => name.startsWith(draftPrefix))
  await Promise.allSettled(
    drafts.map((name) => rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })),
  )
}

export async function readPassword(dataDir: string): Promise<string> {
  const password = (await readOwn(passwordFile(dataDir), { isSecret: true }))?.trim()
  if (password) return password
  throw new EmbeddedPostgresError(
    'FOLDER_UNUSABLE',
    `the password of the database is missing in ${passwordFile(dataDir)}: restore the file, or choose another SHOP_DATA_DIR`,
  )
}

/**
 * Gives SQL the same Unicode case mapping on every machine. Uses Postgres's built-in locale if it has one,
 * instead of the system's.
 */
function localeOptions({ majorVersion }: Binaries): string[] {
  if (majorVersion >= 17) return ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  return [process.platform === 'linux' ? '--locale=C.UTF-8' : '--locale=C']
}

async function initdb(binaries: Binaries, identity: Identity, args: readonly string[]): Promise<void> {
  const command = commandAs(identity, programPath(binaries, 'initdb'), args, 'KILL')
  const child = spawn(command.file, command.args, {
    ...command.ids,
    env: cleanEnvironment(),
    ...(process.platform === 'win32' ? { windowsHide: true } : { cwd: '/' }),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `it exited with ${code ?? signal}: ${stderr.trim().replaceAll('\n', ' | ')}`),
    )
  })
  if (problem !== undefined) throw new EmbeddedPostgresError('INIT_FAILED', `initdb failed: ${problem}`)
}
