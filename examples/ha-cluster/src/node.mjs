import { chownSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { daemon } from './daemon.mjs'

const settings = fileURLToPath(new URL('../config/patroni.yaml', import.meta.url))

const parentOf = (pid) => {
  // The name in brackets may contain spaces.
  const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(parent)
}

const signalTo = (pids, signal) => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has just ended.
    }
  }
}

const makeFolder = (path, user) => {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (user) chownSync(path, user.uid, user.gid)
  return path
}

/** Addresses of one node. On one address all ports differ. */
export const placeNode = async (name, host) => ({
  name,
  host,
  address: host.address,
  client: await host.port(2379),
  peer: await host.port(2380),
  postgres: await host.port(5432),
  rest: await host.port(8008),
})

const etcdOf = (place, places, { folder, user, paths, speaksOldEtcd }) => {
  const { name, address, client, peer } = place
  const data = makeFolder(join(folder, name, 'etcd'), user)
  const cluster = places.map((each) => `${each.name}=http://${each.address}:${each.peer}`).join(',')
  const flags = {
    name,
    'data-dir': data,
    'listen-client-urls': `http://${address}:${client}`,
    'advertise-client-urls': `http://${address}:${client}`,
    'listen-peer-urls': `http://${address}:${peer}`,
    'initial-advertise-peer-urls': `http://${address}:${peer}`,
    'initial-cluster': cluster,
    'initial-cluster-state': 'new',
    'heartbeat-interval': '100',
    'election-timeout': '1000',
    ...(speaksOldEtcd && { 'enable-v2': 'true' }),
  }
  return daemon(`etcd of ${name}`, {
    command: [paths.etcd, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
    log: join(folder, name, 'etcd.log'),
    cwd: data,
    enter: place.host.enter,
    user,
  })
}

const patroniOf = (place, places, { folder, user, paths, postgresFolder, passwords, speaksOldEtcd }) => {
  const { name, address, postgres, rest } = place
  const home = makeFolder(join(folder, name, 'home'), user)
  const data = join(home, 'data')
  return daemon(`Patroni of ${name}`, {
    command: [paths.patroni, settings],
    env: {
      HOME: home,
      PATRONI_NAME: name,
      [speaksOldEtcd ? 'PATRONI_ETCD_HOSTS' : 'PATRONI_ETCD3_HOSTS']: places
        .map((each) => `${each.address}:${each.client}`)
        .join(','),
      PATRONI_RESTAPI_LISTEN: `${address}:${rest}`,
      PATRONI_RESTAPI_CONNECT_ADDRESS: `${address}:${rest}`,
      PATRONI_POSTGRESQL_LISTEN: `${address}:${postgres}`,
      PATRONI_POSTGRESQL_CONNECT_ADDRESS: `${address}:${postgres}`,
      PATRONI_POSTGRESQL_DATA_DIR: data,
      PATRONI_POSTGRESQL_BIN_DIR: postgresFolder,
      PATRONI_POSTGRESQL_PGPASS: join(home, 'pgpass'),
      PATRONI_SUPERUSER_USERNAME: 'postgres',
      PATRONI_SUPERUSER_PASSWORD: passwords.superuser,
      PATRONI_REPLICATION_USERNAME: 'replicator',
      PATRONI_REPLICATION_PASSWORD: passwords.replication,
    },
    log: join(folder, name, 'patroni.log'),
    cwd: home,
    enter: place.host.enter,
    user,
  })
}

/** A machine of the cluster: etcd, Patroni and the Postgres that Patroni runs. */
export const nodeAt = (place, places, settingsOfRun) => {
  mkdirSync(join(settingsOfRun.folder, place.name), { mode: 0o711 })
  const etcd = etcdOf(place, places, settingsOfRun)
  const patroni = patroniOf(place, places, settingsOfRun)
  const pidFile = join(settingsOfRun.folder, place.name, 'home', 'data', 'postmaster.pid')
  const postmaster = () => Number(readFileSync(pidFile, 'utf8').split('\n')[0])

  /** The postmaster and its processes, as far as they live. */
  const postgresPids = () => {
    try {
      const pid = postmaster()
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
      return [pid, ...children.filter((each) => parentOf(each) === pid)]
    } catch {
      return []
    }
  }
  const allPids = () => place.host.pids() ?? [patroni.pid(), etcd.pid(), ...postgresPids()].filter(Boolean)
  const url = `http://${place.address}:${place.rest}`
  const ask = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(method === 'GET' ? 1_500 : 60_000),
    })
    return { status: answer.status, text: await answer.text() }
  }
  return {
    ...place,
    etcd,
    patroni,
    postmaster,
    ask,
    /** The state that Patroni's REST interface reports. Undefined without an answer. */
    state: () =>
      ask('GET', '/patroni').then(
        ({ text }) => JSON.parse(text),
        () => undefined,
      ),
    async killAll() {
      signalTo(allPids(), 'SIGKILL')
      signalTo(postgresPids(), 'SIGKILL')
      await Promise.all([etcd.kill(), patroni.kill()])
    },
    killPostgres: () => signalTo([postmaster()], 'SIGKILL'),
    freeze: () => signalTo(allPids(), 'SIGSTOP'),
    thaw: () => signalTo(allPids(), 'SIGCONT'),
    async start() {
      if (!etcd.isRunning()) await etcd.start()
      if (!patroni.isRunning()) await patroni.start()
    },
    async stop() {
      await patroni.stop()
      await etcd.stop()
      signalTo(postgresPids(), 'SIGKILL')
    },
  }
}
