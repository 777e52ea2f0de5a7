import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { programOnPath } from '../../three-servers/src/processes.mjs'

/** Where Debian and Ubuntu keep the programs of a Postgres. The newest one first. */
const postgresFolders = () => {
  const folder = '/usr/lib/postgresql'
  try {
    const versions = readdirSync(folder).sort((one, other) => Number(other) - Number(one))
    return versions.map((version) => join(folder, version, 'bin'))
  } catch {
    return []
  }
}

/** Each program, and the Debian or Ubuntu package that has it. */
const packages = {
  patroni: 'patroni',
  etcd: 'etcd-server',
  haproxy: 'haproxy',
  nginx: 'nginx',
  'redis-server': 'redis-server',
  'redis-sentinel': 'redis-sentinel',
  'redis-cli': 'redis-tools',
  setpriv: 'util-linux',
  postgres: 'postgresql',
  initdb: 'postgresql',
  psql: 'postgresql-client',
}

/**
 * Finds all programs. Resolves with their paths by name, and the folder of the Postgres programs.
 * `missing` has one line of advice for each program that is not installed.
 */
export const findPrograms = () => {
  // The folder of Postgres comes first: a wrapper on the PATH would not be beside initdb and pg_rewind.
  process.env.PATH = [...postgresFolders(), process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter)
  const paths = {}
  const missing = []
  for (const [name, from] of Object.entries(packages)) {
    const path = programOnPath(name)
    if (path) paths[name] = path
    else missing.push(`${name} is missing: apt-get install ${from}`)
  }
  const postgresFolder = paths.postgres && join(paths.postgres, '..')
  return { paths, postgresFolder, missing }
}

/**
 * Whether this Patroni must use version 2 of etcd's interface. Before 3.0.3, over version 3, a node that was cut off
 * takes the lock back from its successor, and there are two primaries (https://github.com/patroni/patroni/pull/2689).
 */
export const needsOldEtcd = (patroni) => {
  const [, major, minor, patch] = /(\d+)\.(\d+)\.(\d+)/.exec(execFileSync(patroni, ['--version'], { encoding: 'utf8' }))
  return Number(major) < 3 || (Number(major) === 3 && Number(minor) === 0 && Number(patch) < 3)
}
