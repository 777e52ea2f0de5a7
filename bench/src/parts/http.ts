import { compare, inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import type { Finding, Series } from '../results.js'
import { onHttp } from './on-http.js'
import type { Part } from './part.js'

const peerOrders = 11
const wanted = 150

/** The absolute part of goal 7: our throughput, compared with that of a peer on a similar machine. */
const absolute = (pairs: Series | undefined): Finding[] =>
  pairs ? [{ goal: '7b', value: median(pairs.samples), ours: pairs }] : []

/** Goals 6, 7 and 8: full requests, compared with the minimum that Express does. */
export const http: Part = {
  name: 'http',
  about: `requests a second beside bare Express; ${wanted} × ${peerOrders} orders a second (goals 6, 7, 8)`,
  run: (bench) =>
    onHttp(bench, {}, async ({ servers, bareTurns, shopTurns, mount, load }) => {
      const mountedTurns = await mount()
      const { rounds, seconds } = bench.settings
      const ports = servers.map(({ port }) => port)
      // Caches every user's token, and compiles the code of every route.
      const warming = { ports, ms: Math.min(2, seconds) * 1_000 }
      for (const scenario of ['charge', 'issue', 'order-and-pay', 'top', 'product'] as const) {
        await load({ scenario, ...warming })
      }
      for (const scenario of ['charge', 'issue', 'top', 'product'] as const) {
        await bareTurns(scenario, '').turn()
        await mountedTurns(scenario, '').turn()
      }
      const [barePost, issues, charges, pairs, bareGet, top, product, ...others] = await inTurn(
        [
          bareTurns('charge', 'bare POSTs'),
          shopTurns('issue', 'issues'),
          shopTurns('charge', 'charges'),
          shopTurns('order-and-pay', 'orders, each paid'),
          bareTurns('product', 'bare GETs'),
          shopTurns('top', 'popular products'),
          shopTurns('product', 'product details'),
          shopTurns('charge-new-token', 'charges, each with a token never seen before'),
          mountedTurns('charge', 'charges, router in an Express application'),
          mountedTurns('product', 'product details, router in an Express application'),
        ],
        rounds,
        bench.show,
      )
      return {
        findings: [
          compare('6a', issues, barePost),
          compare('6b', charges, barePost),
          compare('7a', pairs, barePost),
          ...absolute(pairs),
          compare('8a', top, bareGet),
          compare('8b', product, bareGet),
        ],
        series: others,
      }
    }),
}
