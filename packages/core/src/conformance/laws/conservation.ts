import type { HistoryLaw, Run } from './run.js'

const sum = (numbers: readonly unknown[]): number => numbers.reduce<number>((total, each) => total + Number(each), 0)

const isInDoubt = ({ effects }: Run, ...names: string[]): boolean =>
  effects.doubtful.some(({ call }) => names.includes(call.name))

const acknowledged = ({ effects }: Run, name: string) => effects.acknowledged.filter((effect) => effect.name === name)

/** Money and units are conserved, counted from the answers to callers; repairs find nothing. */
export const conservationLaws: readonly HistoryLaw[] = [
  {
    id: 'MONEY-CONSERVATION',
    sentence:
      'All money that came in, by charges, grants and corrections, is in the wallets, was spent on paid orders, was paid out, or has expired.',
    kind: 'history',
    check: (run) => {
      if (isInDoubt(run, 'balance.charge', 'balance.grant', 'balance.withdraw', 'balance.adjust')) return []
      const moved = (name: string, field: string) => sum(acknowledged(run, name).map(({ input }) => input[field]))
      const received =
        moved('balance.charge', 'amount') + moved('balance.grant', 'amount') + moved('balance.adjust', 'change')
      const out = moved('balance.withdraw', 'amount')
      const wallets = Object.values(run.sight.wallets)
      const kept = sum(wallets.map(({ balance }) => balance))
      const expired = sum(
        wallets.flatMap(({ entries }) => entries.filter(({ kind }) => kind === 'expiry').map(({ amount }) => -amount)),
      )
      const spent = sum(
        run.sight.orders
          .filter(({ paidAt }) => paidAt !== null)
          .map(({ finalAmount, refundedAmount = 0 }) => finalAmount - refundedAmount),
      )
      return received === kept + spent + out + expired
        ? []
        : [`${received} came in, but ${kept} is left, ${spent} was spent, ${out} paid out, and ${expired} expired`]
    },
  },
  {
    id: 'UNITS-CONSERVATION',
    sentence: 'Every received unit is on the shelf, in a paid order, or written off with a refund.',
    kind: 'history',
    check: (run) => {
      if (isInDoubt(run, 'products.create', 'products.changeStock')) return []
      const paid = run.sight.orders.filter(({ paidAt }) => paidAt !== null)
      return Object.values(run.sight.products).flatMap(({ productId, stock }) => {
        const created = acknowledged(run, 'products.create').filter(({ result }) => result['productId'] === productId)
        const changed = acknowledged(run, 'products.changeStock').filter(
          ({ input }) => input['productId'] === productId,
        )
        const received =
          sum(created.map(({ input }) => input['stock'])) + sum(changed.map(({ input }) => input['change']))
        const isOfProduct = (line: { readonly productId: string }) => line.productId === productId
        const lines = paid.flatMap((order) => order.lines.filter(isOfProduct))
        const taken = sum(lines.map(({ quantity, refundedQuantity = 0 }) => quantity - refundedQuantity))
        const gone = paid
          .flatMap(({ refunds = [] }) => refunds.filter(({ restocked }) => !restocked))
          .flatMap((refund) => refund.lines.filter(isOfProduct))
        const writtenOff = sum(gone.map(({ quantity }) => quantity))
        return received === stock + taken + writtenOff
          ? []
          : `${received} of ${productId} came in, but ${stock} is left, ${taken} was sold, ${writtenOff} written off`
      })
    },
  },
  {
    id: 'REPAIR-NOTHING',
    sentence: 'A repair of a sound shop changes nothing but what is long overdue, whatever others do at the same time.',
    kind: 'history',
    check: ({ journal }) =>
      journal.records.flatMap(({ call, answer }) => {
        if (call.name !== 'repair' || answer.kind !== 'ok') return []
        const { ok, cures } = answer.result as { readonly ok: boolean; readonly cures: readonly string[] }
        const wrong = cures.filter((law) => law !== 'ORDER-ENDS' && law !== 'LOT-ENDS')
        return ok && wrong.length === 0
          ? []
          : [`a repair cured ${cures.join(', ')} and left the shop ${ok ? '' : 'un'}sound`]
      }),
  },
]
