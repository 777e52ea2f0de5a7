import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { EmbeddedPostgresError } from './error.js'

/** The user that Postgres runs as. Postgres refuses to run as root. */
export type Identity =
  | { readonly kind: 'self' }
  /** Used by root: another user, by default `nobody`. */
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number }
  /** Used by root: files belong to root, but a user namespace maps them to an ordinary user. */
  | { readonly kind: 'namespace' }

export interface ProcessCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly ids: { uid?: number; gid?: number }
}

const nobody = 65534
const namespaceWrapper = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`]

/**
 * Chooses the identity. An existing cluster keeps the identity that created it, as its owner shows: the two
 * kinds cannot read each other's files.
 */
export function chooseIdentity(paths: { cluster: string; binaries: string }): Identity {
  if (process.getuid?.() !== 0) return { kind: 'self' }
  const owner = existsSync(paths.cluster) ? statSync(paths.cluster) : undefined
  const blocked = firstClosedFolder(paths.binaries) ?? firstClosedFolder(dirname(paths.cluster))
  if (owner && owner.uid !== 0) {
    if (blocked === undefined) return { kind: 'user', uid: owner.uid, gid: owner.gid }
    throw unsuitable(`${paths.cluster} belongs to user ${owner.uid}, who has no access to ${blocked}`)
  }
  if (!owner && blocked === undefined) return { kind: 'user', uid: nobody, gid: nobody }
  if (namespacesWork()) return { kind: 'namespace' }
  throw unsuitable(
    owner
      ? `${paths.cluster} was created in a user namespace, which this machine does not allow`
      : `this process runs as root, other users have no access to ${blocked}, and this machine does not allow user namespaces`,
  )
}

/**
 * The command that starts a program as this identity. On Linux, the program gets `signalOnOwnerDeath` when this
 * process dies, even if it is killed.
 */
export function commandAs(
  identity: Identity,
  program: string,
  args: readonly string[],
  signalOnOwnerDeath: 'INT' | 'KILL',
): ProcessCommand {
  const wrapper = identity.kind === 'namespace' ? namespaceWrapper : []
  const onParentDeath = supportsParentDeathSignal() ? ['setpriv', '--pdeathsig', signalOnOwnerDeath] : []
  const [file = program, ...rest] = [...wrapper, ...onParentDeath, program, ...args]
  return { file, args: rest, ids: identity.kind === 'user' ? { uid: identity.uid, gid: identity.gid } : {} }
}

let parentDeathSignalChecked: boolean | undefined
function supportsParentDeathSignal(): boolean {
  parentDeathSignalChecked ??= process.platform === 'linux' && runs(['setpriv', '--pdeathsig', 'INT', 'true'])
  return parentDeathSignalChecked
}

const namespacesWork = (): boolean => process.platform === 'linux' && runs([...namespaceWrapper, 'true'])

function runs([file = '', ...args]: readonly string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0
}

function firstClosedFolder(path: string): string | undefined {
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return folder
    if (folder === dirname(folder)) return undefined
  }
}

function unsuitable(reason: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'PRIVILEGES_UNSUITABLE',
    `${reason}: run as an ordinary user, choose another SHOP_DATA_DIR, or set DATABASE_URL`,
  )
}
