import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findBinaries } from './binaries.js'
import { clusterFolder, clusterVersion, createCluster, readPassword, superuser } from './cluster.js'
import { EmbeddedPostgresError } from './error.js'
import { chooseIdentity } from './identity.js'
import { checkFolder } from './own-files.js'
import { claimFolder } from './ownership.js'
import { type EmbeddedPostgresLogger, startPostmaster, stopOrphan } from './postmaster.js'

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster, its password and its ownership record. Created if missing. */
  readonly dataDir: string
  /** `false` trades durability for speed: a power failure loses data. Only for temporary data. @default true */
  readonly durable?: boolean | undefined
  /** @default a free port */
  readonly port?: number | undefined
  readonly logger?: EmbeddedPostgresLogger | undefined
}

export interface EmbeddedPostgres {
  /** Includes the password. Reachable from this machine only. */
  readonly url: string
  /** The real path of the data folder, without symbolic links. */
  readonly dataDir: string
  readonly pid: number
  /** Resolves when Postgres has ended, by `stop()` or because it failed. */
  readonly ended: Promise<void>
  /** Ends all sessions, waits until the data is on disk, and releases the folder. */
  stop(): Promise<void>
}

/**
 * Runs Postgres on `dataDir` as a child process. Until `stop()`, only this process may use the folder.
 *
 * Rejects with an `EmbeddedPostgresError`; its code is FOLDER_IN_USE if another live process uses the folder.
 * If this process is killed, Postgres shuts down by itself (Linux), or the next start on the folder stops it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const durable = options.durable ?? true
  const { dataDir, ownership } = await claim(resolve(options.dataDir))
  try {
    const cluster = clusterFolder(dataDir)
    const version = await clusterVersion(dataDir)
    const binaries = findBinaries(version)
    const identity = chooseIdentity({ cluster, binaries: binaries.folder })
    if (version === undefined) await createCluster(dataDir, { binaries, identity, durable })
    else await stopOrphan({ cluster, binaries, identity })
    const password = await readPassword(dataDir)
    const { port, logger } = options
    const postmaster = await startPostmaster({ cluster, binaries, identity, durable, port, logger })
    return {
      url: `postgres://${superuser}:${password}@127.0.0.1:${postmaster.port}/postgres`,
      dataDir,
      pid: postmaster.pid,
      ended: postmaster.ended,
      stop: async () => {
        await postmaster.stop()
        await ownership.release()
      },
    }
  } catch (error) {
    await ownership.release()
    throw error
  }
}

async function claim(folder: string) {
  try {
    // Other users may traverse the folder but not list it: under root, Postgres runs as another user.
    // Everything inside is closed to others.
    await mkdir(folder, { recursive: true, mode: 0o711 })
    const dataDir = await checkFolder(folder)
    return { dataDir, ownership: await claimFolder(dataDir) }
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new EmbeddedPostgresError('FOLDER_UNUSABLE', `cannot use the data folder ${folder}: ${reason}`, {
      cause: error,
    })
  }
}
