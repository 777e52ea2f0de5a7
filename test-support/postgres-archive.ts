import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import knex, { type Knex } from 'knex'
import {
  type Binaries,
  findBinaries,
  fromDebian,
  programPath,
} from '../packages/server-express/src/embedded-postgres/binaries.js'
import {
  cleanEnvironment,
  clusterFolder,
  createCluster,
} from '../packages/server-express/src/embedded-postgres/cluster.js'
import { chooseIdentity, commandAs, type Identity } from '../packages/server-express/src/embedded-postgres/identity.js'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../packages/server-express/src/embedded-postgres/index.js'

/**
 * How the cluster is copied: by the program `pg_basebackup`, or between the functions `pg_backup_start` and
 * `pg_backup_stop`, which every Postgres from 15 on has.
 */
export type BackupMethod = 'pg_basebackup' | 'functions'

/** A Postgres that archives its log. */
export interface ArchivedPostgres {
  readonly url: string
  /** A connection, as superuser. */
  readonly knex: Knex
  /** Copies the cluster while it runs. */
  backUp(): Promise<void>
  /** Resolves when the archive has everything that is committed now. */
  archived(): Promise<void>
  /** Kills Postgres. */
  crash(): Promise<void>
  /** Starts a new cluster from the backup and the archive, as of this time of the database. */
  restoreTo(time: string): Promise<EmbeddedPostgres>
  /** Stops everything, and removes the files. */
  stop(): Promise<void>
}

/** The file gets its name when it is complete: otherwise a restore may read a part of it. */
export const archiveCommand = (archive: string): string =>
  `test ! -f ${archive}/%f && cp %p ${archive}/%f.part && mv ${archive}/%f.part ${archive}/%f`

/** Settings of a new cluster that begins as of a time of the database. */
export const recoverySettings = (archive: string, time: string): readonly string[] => [
  `restore_command = 'cp ${archive}/%f %p'`,
  `recovery_target_time = '${time}'`,
  `recovery_target_action = 'promote'`,
]

export const baseBackupOptions = '--checkpoint=fast --wal-method=stream'

const run = promisify(execFile)

const withBaseBackup = (): Binaries | undefined =>
  fromDebian().find((binaries) => existsSync(programPath(binaries, 'pg_basebackup')))

/** The methods that this machine has. The binaries from npm have no `pg_basebackup`. */
export const backupMethods = (): readonly BackupMethod[] =>
  withBaseBackup() ? ['functions', 'pg_basebackup'] : ['functions']

/** Runs a script of the shell as the user of Postgres. Its parameters are $1, $2 and so on. */
const shellAs =
  (identity: Identity) =>
  async (script: string, ...parameters: readonly string[]): Promise<void> => {
    const command = commandAs(identity, '/bin/sh', ['-euc', script, 'sh', ...parameters], 'KILL')
    await run(command.file, command.args, { ...command.ids, env: cleanEnvironment(), cwd: '/' })
  }

type Shell = ReturnType<typeof shellAs>

const copyBetweenFunctions = (database: Knex, shell: Shell, cluster: string, copy: string): Promise<void> =>
  // Both functions must run in one session.
  database.transaction(async (trx) => {
    await trx.raw(`select pg_backup_start('restore', fast => true)`)
    await shell('cp -a "$1" "$2"', cluster, copy)
    const { rows } = await trx.raw('select labelfile from pg_backup_stop()')
    const script = 'cd "$1"; rm -r postmaster.pid postmaster.opts pg_wal/*; printf %s "$2" > backup_label'
    await shell(script, copy, rows[0].labelfile)
  })

/** Starts Postgres on a new cluster that archives its log. It takes a few seconds. */
export const startArchivedPostgres = async (method: BackupMethod): Promise<ArchivedPostgres> => {
  const root = await mkdtemp(join(tmpdir(), 'shop-archive-'))
  // For root: Postgres then runs as another user, who needs access.
  await chmod(root, 0o711)
  const [dataDir, restored, own] = ['data', 'restored', 'own'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [dataDir, restored, own]) await mkdir(folder, { mode: 0o711 })
  const binaries = (method === 'pg_basebackup' ? withBaseBackup() : undefined) ?? findBinaries(undefined)
  const identity = chooseIdentity({ cluster: clusterFolder(dataDir), binaries: binaries.folder })
  await createCluster(dataDir, { binaries, identity, durable: false })
  if (identity.kind === 'user') await chown(own, identity.uid, identity.gid)
  const shell = shellAs(identity)
  const [archive, backup] = [join(own, 'archive'), join(own, 'backup')]
  await shell('mkdir "$1"', archive)
  const set = (cluster: string, settings: readonly string[]) =>
    shell(`printf '%s\\n' "$2" >> "$1/postgresql.auto.conf"`, cluster, settings.join('\n'))
  await set(clusterFolder(dataDir), ['archive_mode = on', `archive_command = '${archiveCommand(archive)}'`])

  const main = await startEmbeddedPostgres({ dataDir, durable: false })
  const pool = knex({ client: 'pg', connection: main.url, pool: { min: 0, max: 2 } })
  const started: EmbeddedPostgres[] = [main]
  return {
    url: main.url,
    knex: pool,
    async backUp() {
      if (method === 'functions') return copyBetweenFunctions(pool, shell, clusterFolder(dataDir), backup)
      const program = programPath(binaries, 'pg_basebackup')
      await shell(`"$1" ${baseBackupOptions} --no-sync --dbname="$2" --pgdata="$3"`, program, main.url, backup)
    },
    async archived() {
      const { rows } = await pool.raw('select pg_walfile_name(pg_switch_wal()) as file')
      for (const end = Date.now() + 30_000; !existsSync(join(archive, rows[0].file)); ) {
        if (Date.now() > end) throw new Error(`the archive did not get ${rows[0].file} within 30 s`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async crash() {
      await pool.destroy()
      process.kill(main.pid, 'SIGQUIT')
      await main.ended
    },
    async restoreTo(time) {
      await run('cp', ['-a', backup, clusterFolder(restored)])
      await copyFile(join(dataDir, 'password'), join(restored, 'password'))
      await set(clusterFolder(restored), [...recoverySettings(archive, time)])
      await shell('touch "$1/recovery.signal"', clusterFolder(restored))
      const postgres = await startEmbeddedPostgres({ dataDir: restored, durable: false })
      started.push(postgres)
      return postgres
    },
    async stop() {
      await pool.destroy()
      for (const postgres of started) await postgres.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
