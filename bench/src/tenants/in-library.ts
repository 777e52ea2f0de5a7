import { inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { Child } from '../processes/child.js'
import { atLeast, atMost, kilobytes, type Row, times } from '../report/rows.js'
import type { TenantsAnswer, TenantsOptions, TenantsQuestion } from './questions.js'
import type { TenantsSettings } from './settings.js'
import type { Stage } from './stage.js'

const memoryLimit = 200_000
const throughputFloor = 0.7

const opened = ({ databases, shops }: Stage) =>
  new Child<TenantsQuestion, TenantsAnswer>(
    'tenants-process',
    {
      databases: { a: databases.a.url, b: databases.b.url },
      shops,
      secret: 'a secret of the measurement of shops',
    } satisfies TenantsOptions,
    { nodeOptions: ['--expose-gc'] },
  )

/** What open shops take that nobody asks, and what many sell together, in the process of the library. */
export const inLibrary = async (
  stage: Stage,
  { active, callers, callersOfOne, rounds, seconds }: TenantsSettings,
  show: (line: string) => void,
): Promise<readonly Row[]> => {
  const child = opened(stage)
  try {
    show('opening all shops')
    const memory = await child.ask({ kind: 'open' })
    if (memory.kind !== 'opened') throw new Error('the process answers another question')
    const shopIds = stage.shops.slice(0, active).map(({ shopId }) => shopId)
    await child.ask({ kind: 'prepare', shopIds })
    const contestant = (name: string, ids: readonly string[], all: number) => ({
      name,
      unit: '/s',
      async turn() {
        const run = await child.ask({
          kind: 'orders',
          shopIds: ids,
          callers: all,
          ms: seconds * 1_000,
        })
        if (run.kind !== 'ordered') throw new Error('the process answers another question')
        return { figure: run.perSecond, count: run.count }
      },
    })
    const [one, many] = await inTurn(
      [
        contestant('one shop', shopIds.slice(0, 1), callersOfOne),
        contestant(`${active} shops`, shopIds, callers * active),
      ],
      rounds,
      show,
    )
    if (!one || !many) throw new Error('nothing was measured')
    const rate = (samples: readonly number[]) => `${Math.round(median(samples)).toLocaleString('en')}/s`
    const ratio = median(many.samples) / median(one.samples)
    const cost = (samples: readonly number[] | undefined) => `${Math.round(median(samples ?? []))} µs`
    return [
      atMost('An open shop that nobody asks: heap', memory.heapPerShop, memoryLimit, kilobytes),
      atMost('An open shop that nobody asks: resident memory', memory.residentPerShop, memoryLimit, kilobytes),
      { what: 'Opening a closed shop, one after another', value: `${memory.msPerShop.toFixed(1)} ms` },
      { what: `Orders of one shop, ${callersOfOne} callers`, value: rate(one.samples) },
      { what: `Orders of ${active} shops together, ${callers} callers each`, value: rate(many.samples) },
      atLeast(`Orders of ${active} shops against one`, ratio, throughputFloor, times),
      {
        what: `Processor time of an order, Postgres included: one shop, ${active} shops`,
        value: `${cost(one.processor)}, ${cost(many.processor)}`,
      },
    ]
  } finally {
    await child.stop()
  }
}
