import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { EmbeddedPostgresError } from './error.js'

/** Whom Postgres runs as. It refuses to run as root. */
export type Identity =
  | { readonly kind: 'self' }
  /** As root: another user, by default `nobody`. */
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number }
  /** As root: our own files, seen as an ordinary user's inside a user namespace. */
  | { readonly kind: 'namespace' }

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly ids: { uid?: number; gid?: number }
}

const nobody = 65534
const namespaceWrapper = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`]

/** A cluster that exists keeps the way it was made, which its owner tells: the two ways cannot read one another's files. */
export function chooseIdentity(paths: { cluster: string; binaries: string }): Identity {
  if (process.getuid?.() !== 0) return { kind: 'self' }
  const owner = existsSync(paths.cluster) ? statSync(paths.cluster) : undefined
  const blocked = firstClosedFolder(paths.binaries) ?? firstClosedFolder(dirname(paths.cluster))
  if (owner && owner.uid !== 0) {
    if (blocked === undefined) return { kind: 'user', uid: owner.uid, gid: owner.gid }
    throw unsuitable(`${paths.cluster} belongs to user ${owner.uid}, who cannot pass ${blocked}`)
  }
  if (!owner && blocked === undefined) return { kind: 'user', uid: nobody, gid: nobody }
  if (namespacesWork()) return { kind: 'namespace' }
  throw unsuitable(
    owner
      ? `${paths.cluster} was made in a user namespace, which is not allowed here`
      : `running as root, ${blocked} is closed to other users, and user namespaces are not allowed here`,
  )
}

/** How to start a program as this identity; `signalOnOwnerDeath` reaches it even when this process is killed (Linux). */
export function commandAs(
  identity: Identity,
  program: string,
  args: readonly string[],
  signalOnOwnerDeath: 'INT' | 'KILL',
): Command {
  const wrapper = identity.kind === 'namespace' ? namespaceWrapper : []
  const tie = canTie() ? ['setpriv', '--pdeathsig', signalOnOwnerDeath] : []
  const [file = program, ...rest] = [...wrapper, ...tie, program, ...args]
  return { file, args: rest, ids: identity.kind === 'user' ? { uid: identity.uid, gid: identity.gid } : {} }
}

let tieChecked: boolean | undefined
function canTie(): boolean {
  tieChecked ??= process.platform === 'linux' && runs(['setpriv', '--pdeathsig', 'INT', 'true'])
  return tieChecked
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
