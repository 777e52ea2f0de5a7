import { type Contestant, compareCosts, inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import type { Library } from '../library/library.js'
import type { RefundKind } from '../library/questions.js'
import { commandsOfSpending } from '../library/workloads.js'
import type { PartResult } from '../results.js'
import { fillPast } from '../stage/fill.js'
import { onLibrary } from './on-library.js'
import type { Bench, Part } from './part.js'
import { libraryTurns, manyCallers } from './throughput.js'

/** As for other parts with orders: twice as many callers fill two groups that run at once. */
const callers = 2 * manyCallers

const refundTurns = (library: Library, which: RefundKind, count: number, name: string): Contestant => ({
  name,
  unit: '/s',
  prepare: async () => void (await library.ask({ kind: 'prepare-refunds', which, count, callers })),
  async turn() {
    const { count, perSecond } = await library.ask({ kind: 'refund', callers })
    return { figure: perSecond, count }
  },
})

const lotsOfUser = 3

/** Each refund of a unit rewrites the refunds of its order, and its answer and its event carry them all. */
const unitsOfOrder = 1_000

const commandsOf = (bench: Bench): Promise<PartResult> =>
  onLibrary(bench, 'money', { pays: 'at-once' }, async (library) => {
    const { settings, show } = bench
    const turns = (workload: Parameters<typeof libraryTurns>[1], name: string, more = {}) =>
      libraryTurns(library, workload, settings, { name, ...more })
    const refunds = Math.round(settings.seconds * 1_000)
    const oneWallet = { callers: 1, commands: commandsOfSpending }
    show('granting lots')
    await library.ask({ kind: 'grant', lots: lotsOfUser, callers: manyCallers })
    const contestants = [
      turns('charge', 'charges'),
      turns('charge-referenced', 'charges with references'),
      turns('charges-spent', 'charges to one wallet, spent', oneWallet),
      turns('grants-spent', 'grants to one wallet, spent', oneWallet),
      turns('checkout-paid', 'checkouts with paid money', { callers }),
      turns('checkout-bonus', `checkouts from wallets with ${lotsOfUser} lots`, { callers }),
      turns('quote', 'quotes', { callers }),
      refundTurns(library, 'whole', refunds, 'refunds of whole orders'),
      refundTurns(library, 'line', refunds, 'refunds of one line of an order'),
      refundTurns(library, 'unit', Math.min(unitsOfOrder, refunds), 'refunds of one unit of one order'),
    ]
    for (const { prepare, turn } of contestants) {
      await prepare?.()
      await turn()
    }
    const [charges, referenced, charged, granted, paid, bonus, quotes, whole, line, unit] = await inTurn(
      contestants,
      settings.rounds,
      show,
    )
    return {
      findings: [
        compareCosts('14a', referenced, charges),
        compareCosts('14b', granted, charged),
        compareCosts('14c', bonus, paid),
        compareCosts('14d', line, whole),
        compareCosts('14e', unit, whole),
        compareCosts('14f', quotes, paid),
      ],
    }
  })

const dayMs = 86_400_000
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** The past that the statement and the audit read. Each order has five entries. */
const pastOrders = 20_000

const evidenceOf = (bench: Bench): Promise<PartResult> =>
  onLibrary(bench, 'evidence', { pays: 'at-once' }, async (library, database) => {
    const { settings, show } = bench
    const orders = Math.min(pastOrders, settings.orders)
    show(`creating ${orders.toLocaleString('en')} orders`)
    await fillPast(database, { orders, users: settings.users })
    await library.ask({ kind: 'grant', lots: lotsOfUser, callers: manyCallers })
    await refundTurns(library, 'line', Math.round(orders / 20), '').prepare?.()
    await library.ask({ kind: 'refund', callers })
    const range = { from: dayAt(Date.now() - 61 * dayMs), to: dayAt(Date.now() + dayMs) }
    const contestants = [
      {
        name: 'statement of all days',
        unit: ' ms',
        turn: async () => ({ figure: (await library.ask({ kind: 'statement', ...range })).ms }),
      },
      { name: 'audit', unit: ' ms', turn: async () => ({ figure: await library.audit() }) },
    ]
    for (const { turn } of contestants) await turn()
    const series = await inTurn(contestants, settings.rounds, show)
    const entries = settings.users + 5 * orders
    return {
      series,
      notes: series.map(({ name, samples }) => ({
        what: `${name}, over ${entries.toLocaleString('en')} entries and ${orders.toLocaleString('en')} orders`,
        value: `${Math.round(median(samples)).toLocaleString('en')} ms`,
      })),
    }
  })

/** Goal 14: what the features of money cost, by processor time. */
export const money: Part = {
  name: 'money',
  about: 'references, bonus money, refunds, quotes, by processor time; the statement and the audit (goal 14)',
  async run(bench) {
    const [commands, evidence] = [await commandsOf(bench), await evidenceOf(bench)]
    return { findings: commands.findings ?? [], series: evidence.series ?? [], notes: evidence.notes ?? [] }
  },
}
