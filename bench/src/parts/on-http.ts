import { randomBytes } from 'node:crypto'
import type { PolicyOverrides } from '@shop/core'
import type { Contestant } from '../figures/in-turn.js'
import { processorTime, processorTimeOf } from '../figures/processor-time.js'
import type {
  ChurnQuestion,
  LoadOptions,
  LoadQuestion,
  LoadRun,
  Scenario,
  Watched,
  WatchQuestion,
} from '../http/load/questions.js'
import type { MountedHostOptions } from '../http/mounted-host.js'
import { type ShopServerProcess, startShopServer } from '../http/server-process.js'
import { Child } from '../processes/child.js'
import type { Database } from '../stage/postgres.js'
import type { Bench } from './part.js'

const connections = 64

export interface HttpStage {
  readonly servers: readonly ShopServerProcess[]
  readonly database: Database
  load(question: Omit<LoadQuestion, 'connections'> & { readonly connections?: number }): Promise<LoadRun>
  /** Closes the open live streams, and opens new ones of a product. Resolves with the states that the old ones received. */
  watch(productId: string, watchers: number): Promise<number>
  /** Keeps live streams of a product open, each for a few seconds. Resolves with the states that all have received. */
  churn(productId: string, options: { readonly watchers: number; readonly ms: number }): Promise<number>
  /** Processor time of the shop's servers and of Postgres, in microseconds: without that of the load. */
  processor(): number | undefined
  /** Requests per second of the bare server, as a contestant. */
  bareTurns(scenario: Scenario, name: string): Contestant
  shopTurns(scenario: Scenario, name: string, ports?: readonly number[]): Contestant
  /** Starts an Express application with the shop's router, which `app.listen` serves. */
  mount(): Promise<(scenario: Scenario, name: string) => Contestant>
}

interface HttpStageOptions {
  /** Servers of the shop. @default 1 */
  readonly processes?: number
  readonly policies?: PolicyOverrides
  /** The workers of each server. @default one process each */
  readonly workers?: readonly number[]
}

/** Runs `work` with the shop's servers, a bare server and the load, each in a separate process. */
export const onHttp = async <T>(
  { seeds, settings }: Bench,
  { processes = 1, policies, workers = [] }: HttpStageOptions,
  work: (stage: HttpStage) => Promise<T>,
): Promise<T> => {
  const secret = randomBytes(32).toString('base64url')
  const { users, seconds, profileFolder } = settings
  const database = await seeds.shop('http')
  const loading = new Child<LoadQuestion | WatchQuestion | ChurnQuestion, LoadRun | Watched>('load-process', {
    secret,
    users,
  } satisfies LoadOptions)
  const bare = new Child<'port', number>('bare-express', null, { profileFolder })
  const host: MountedHostOptions = { url: database.url, secret }
  const servers: ShopServerProcess[] = []
  let mounted: Child<'port', number> | undefined
  try {
    for (let number = 0; number < processes; number += 1) {
      servers.push(
        await startShopServer({ url: database.url, secret, profileFolder, policies, workers: workers[number] }),
      )
    }
    const barePort = await bare.ask('port')
    const load: HttpStage['load'] = (question) => loading.ask({ connections, ...question }) as Promise<LoadRun>
    const turns = (scenario: Scenario, name: string, ports: readonly number[], pid: number): Contestant => ({
      name,
      unit: '/s',
      async turn() {
        const { perSecond, count } = await load({ scenario, ports, ms: seconds * 1_000 })
        return { figure: perSecond, count }
      },
      // A Node process uses one processor, so its processor time limits it.
      processor: () => (ports.length === 1 ? processorTimeOf(pid) : undefined),
    })
    return await work({
      servers,
      database,
      load,
      async watch(productId, watchers) {
        const port = servers[0]?.port ?? 0
        const { states } = (await loading.ask({ kind: 'watch', port, productId, watchers })) as Watched
        return states
      },
      async churn(productId, { watchers, ms }) {
        const port = servers[0]?.port ?? 0
        const { states } = (await loading.ask({ kind: 'churn', port, productId, watchers, ms })) as Watched
        return states
      },
      processor() {
        const [all, load] = [processorTime(), processorTimeOf(loading.pid)]
        return all === undefined || load === undefined ? undefined : all - load
      },
      bareTurns: (scenario, name) => turns(scenario, name, [barePort], bare.pid),
      shopTurns: (scenario, name, ports = servers.map(({ port }) => port)) =>
        turns(scenario, name, ports, servers[0]?.pid ?? 0),
      async mount() {
        const child = new Child<'port', number>('mounted-host', host, { profileFolder })
        mounted = child
        const port = await child.ask('port')
        return (scenario, name) => turns(scenario, name, [port], child.pid)
      },
    })
  } finally {
    await Promise.all([loading.stop(), bare.stop(), mounted?.stop(), ...servers.map((each) => each.stop())])
    await database.drop()
  }
}
