import { setTimeout as pause } from 'node:timers/promises'
import { type Contestant, compareCosts, inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { Library } from '../library/library.js'
import type { PartResult } from '../results.js'
import { query } from '../stage/postgres.js'
import { productCount, productId } from '../stage/seed.js'
import { type HttpStage, onHttp } from './on-http.js'
import { onLibrary } from './on-library.js'
import type { Bench, Part } from './part.js'
import { libraryTurns, manyCallers, warmUp } from './throughput.js'

const callers = 2 * manyCallers

/** Both shops use one database, so that its growth affects both alike. */
const pendingOf = (bench: Bench): Promise<PartResult> =>
  onLibrary(bench, 'pending', { pendingPerUser: null }, async (free, database) => {
    const { settings, show } = bench
    const { users, profileFolder } = settings
    const limited = new Library({ url: database.url, users, pendingPerUser: 20 }, { profileFolder })
    try {
      for (const library of [free, limited]) await warmUp(library, 'pair', settings)
      const [without, withLimit] = await inTurn(
        [
          libraryTurns(free, 'pair', settings, { name: 'pairs', callers }),
          libraryTurns(limited, 'pair', settings, { name: 'pairs, at most 20 open orders a user', callers }),
        ],
        settings.rounds,
        show,
      )
      return { findings: [compareCosts('15a', withLimit, without)] }
    } finally {
      await limited.stop()
    }
  })

/** The products from here on have a purchase limit of one. */
const firstLimited = 501
const limitSql = `update shop.products set purchase_limit = 1 where product_id >= '${productId(firstLimited)}'`

/** Each turn begins with a product that nobody has ordered. If every user has ordered it, the next ones are free, too. */
const productsOfTurn = 5

const rushTurns = ({ load, servers, processor }: HttpStage, seconds: number) => {
  const ports = servers.map(({ port }) => port)
  return (name: string, first: number): Contestant & { next(): number } => {
    let product = first
    return {
      name,
      unit: '/s',
      processor,
      next: () => product,
      async turn() {
        const own = product
        product += productsOfTurn
        const ms = seconds * 1_000
        const { perSecond, count } = await load({ scenario: 'rush', product: own, ports, connections: manyCallers, ms })
        return { figure: perSecond, count }
      },
    }
  }
}

/** What a second costs, in processor time of the shop and its database. */
const perSecond = (work: () => Promise<unknown>, seconds: number) => async () => {
  const began = performance.now()
  await work()
  const passed = (performance.now() - began) / 1_000
  return { figure: passed / seconds, count: passed }
}

const rushOf = (bench: Bench): Promise<PartResult> =>
  onHttp(bench, { policies: { order: { pendingPerUser: null } } }, async (stage) => {
    const { settings, show } = bench
    const { rounds, seconds, watchers } = settings
    const { watch, load, servers, processor } = stage
    const ports = servers.map(({ port }) => port)
    await query(stage.database.url, limitSql)
    const rush = rushTurns(stage, seconds)
    const free = rush('orders of one product', 1)
    const limited = rush('orders of one product, one unit a person', firstLimited)
    const others = rush(`the same with ${watchers} watchers`, firstLimited + 250)
    const states: number[] = []
    const watched: Contestant = {
      ...others,
      prepare: async () => void (await watch(productId(others.next()), watchers)),
      async turn() {
        const turn = await others.turn()
        states.push(await watch(productId(productCount), 0))
        return turn
      },
    }
    for (let turn = 0; turn < (seconds < 1 ? 1 : 3); turn += 1)
      for (const contestant of [free, limited, watched]) {
        await contestant.prepare?.()
        await contestant.turn()
      }
    states.length = 0
    const series = await inTurn([free, limited, watched], rounds, show)
    const quiet = productId(productCount)
    const [watching, reading] = await inTurn(
      [
        {
          name: `${watchers} watchers`,
          unit: ' s',
          processor,
          prepare: async () => void (await watch(quiet, watchers)),
          turn: perSecond(() => pause(seconds * 1_000), seconds),
        },
        {
          name: 'one reader',
          unit: ' s',
          processor,
          prepare: async () => void (await watch(quiet, 0)),
          turn: perSecond(() => load({ scenario: 'product', ports, connections: 1, ms: seconds * 1_000 }), seconds),
        },
      ],
      rounds,
      show,
    )
    return {
      findings: [
        compareCosts('15b', series[1], series[0]),
        compareCosts('15c', series[2], series[1]),
        compareCosts('15d', watching, reading),
      ],
      notes: [
        {
          what: `states that ${watchers} watchers received in ${seconds} s of the rush, together`,
          value: Math.round(median(states)).toLocaleString('en'),
        },
      ],
    }
  })

/** Goal 15: what limits and live streams cost, by processor time. */
export const drop: Part = {
  name: 'drop',
  about: 'open orders, purchase limits, live streams, by processor time (goal 15)',
  async run(bench) {
    const [pending, rush] = [await pendingOf(bench), await rushOf(bench)]
    return { findings: [...(pending.findings ?? []), ...(rush.findings ?? [])], notes: rush.notes ?? [] }
  },
}
