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
  /** Holds the cluster, its password and the record of its owner; made if missing. */
  readonly dataDir: string
  /** `false` gives up what a power cut would lose, for speed: only for data that is thrown away. Default `true`. */
  readonly durable?: boolean | undefined
  /** Default: any free port. */
  readonly port?: number | undefined
  readonly logger?: EmbeddedPostgresLogger | undefined
}

export interface EmbeddedPostgres {
  /** With the password; reachable from this machine only. */
  readonly url: string
  readonly dataDir: string
  readonly pid: number
  /** Resolves when Postgres no longer runs, whether by `stop()` or because it failed. */
  readonly ended: Promise<void>
  /** Ends all sessions, waits until the data is on disk and frees the folder. */
  stop(): Promise<void>
}

/**
 * Runs Postgres on `dataDir` as a child of this process, which alone may use the folder until `stop()`.
 *
 * Rejects with an `EmbeddedPostgresError`; a folder that another live process uses is FOLDER_IN_USE. When this process is
 * killed, Postgres shuts down by itself (Linux), or the next start on the folder stops it first.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  const durable = options.durable ?? true
  const ownership = await claim(dataDir)
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

async function claim(dataDir: string) {
  try {
    // Others may pass, not look: as root, Postgres runs as another user, and everything inside is closed to the rest.
    await mkdir(dataDir, { recursive: true, mode: 0o711 })
    await checkFolder(dataDir)
    return await claimFolder(dataDir)
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new EmbeddedPostgresError('FOLDER_UNUSABLE', `cannot use the data folder ${dataDir}: ${reason}`, {
      cause: error,
    })
  }
}
