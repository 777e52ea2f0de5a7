import { setTimeout as pause } from 'node:timers/promises'
import { inTurn } from '../figures/in-turn.js'
import { latencies, median } from '../figures/statistics.js'
import { Connection } from '../http/load/connection.js'
import { post } from '../http/load/requests.js'
import { Child } from '../processes/child.js'
import { atMost, type Row, times } from '../report/rows.js'
import type { RushAnswer, RushQuestion } from './load-process.js'
import { productId, serveShops, stock, tokenIn } from './served.js'
import type { TenantsSettings } from './settings.js'
import type { Stage } from './stage.js'

const ratioLimit = 2
const everyMs = 250

/** One connection for each shop orders four times a second. The times begin when a request is due. */
const paced = async (port: number, shopIds: readonly string[], ms: number): Promise<readonly number[]> => {
  const taken: number[] = []
  const until = performance.now() + ms
  const buyer = async (shopId: string, index: number): Promise<void> => {
    const connection = new Connection(port)
    const request = post('/api/orders', tokenIn(shopId, 'ann'), {
      userId: 'ann',
      products: [{ productId, quantity: 1 }],
    })
    try {
      for (let due = performance.now() + (everyMs * index) / shopIds.length; due < until; due += everyMs) {
        await pause(Math.max(0, due - performance.now()))
        const { status, body } = await connection.send(request)
        if (status !== 201) throw new Error(`an order of ${shopId}: ${status} ${body}`)
        taken.push(performance.now() - due)
      }
    } finally {
      connection.close()
    }
  }
  await Promise.all(shopIds.map(buyer))
  return taken
}

/** What shops feel of a rush in another one, over HTTP. */
export const rushing = async (
  stage: Stage,
  { rush: connections, others, rounds, seconds }: TenantsSettings,
  show: (line: string) => void,
): Promise<readonly Row[]> => {
  const { port, stop } = await serveShops(stage)
  const child = new Child<RushQuestion, RushAnswer>('tenants-load', null)
  try {
    const [rushed = '', ...rest] = stage.shops.slice(0, others + 1).map(({ shopId }) => shopId)
    for (const shopId of [rushed, ...rest]) await stock(port, shopId)
    // Few requests are timed, so that they are no load of their own: it takes longer to have enough of them.
    const ms = seconds < 1 ? 1_000 : 2_000 * seconds
    const rates: number[] = []
    const p99 = async () => ({ figure: latencies(await paced(port, rest, ms)).p99 })
    await paced(port, rest, 1_000)
    const [quiet, beside] = await inTurn(
      [
        { name: 'others alone', unit: ' ms', turn: p99 },
        {
          name: 'others beside a rush',
          unit: ' ms',
          async turn() {
            const rush = child.ask({ port, shopId: rushed, connections, ms: ms + 1_000 })
            await pause(500)
            const result = await p99()
            const { count, answers, perSecond } = await rush
            if (answers[201] !== count) throw new Error(`answers of the rush: ${JSON.stringify(answers)}`)
            rates.push(perSecond)
            return result
          },
        },
      ],
      rounds,
      show,
    )
    if (!quiet || !beside) throw new Error('nothing was measured')
    const shown = (samples: readonly number[]) => `${median(samples).toFixed(1)} ms`
    const ratio = median(beside.samples) / median(quiet.samples)
    return [
      {
        what: `p99 of an order in ${others} shops over HTTP, four orders a second each`,
        value: shown(quiet.samples),
      },
      {
        what: `The same beside a rush of ${connections} connections in another shop (${Math.round(median(rates)).toLocaleString('en')} orders/s)`,
        value: shown(beside.samples),
      },
      atMost('p99 of the others, beside the rush against alone', ratio, ratioLimit, times),
    ]
  } finally {
    await child.stop()
    await stop()
  }
}
