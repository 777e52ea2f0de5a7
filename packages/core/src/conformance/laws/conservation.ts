import type { HistoryLaw, Run } from './run.js'

const sum = (numbers: readonly unknown[]): number => numbers.reduce<number>((total, each) => total + Number(each), 0)

const isInDoubt = ({ effects }: Run, ...names: string[]): boolean =>
  effects.doubtful.some(({ call }) => names.includes(call.name))

const acknowledged = ({ effects }: Run, name: string) => effects.acknowledged.filter((effect) => effect.name === name)

/** Money and units are conserved, counted from the answers to callers. */
export const conservationLaws: readonly HistoryLaw[] = [
  {
    id: 'MONEY-CONSERVATION',
    sentence: 'All charged money is in the wallets or was spent on paid orders.',
    kind: 'history',
    check: (run) => {
      if (isInDoubt(run, 'balance.charge')) return []
      const charged = sum(acknowledged(run, 'balance.charge').map(({ input }) => input['amount']))
      const kept = sum(Object.values(run.sight.wallets).map(({ balance }) => balance))
      const spent = sum(
        run.sight.orders.filter(({ status }) => status === 'paid').map(({ finalAmount }) => finalAmount),
      )
      return charged === kept + spent ? [] : [`${charged} was charged, but ${kept} is left and ${spent} was paid`]
    },
  },
  {
    id: 'UNITS-CONSERVATION',
    sentence: 'Every received unit is on the shelf or in a paid order.',
    kind: 'history',
    check: (run) => {
      if (isInDoubt(run, 'products.create', 'products.changeStock')) return []
      const paid = run.sight.orders.filter(({ status }) => status === 'paid')
      return Object.values(run.sight.products).flatMap(({ productId, stock }) => {
        const created = acknowledged(run, 'products.create').filter(({ result }) => result['productId'] === productId)
        const changed = acknowledged(run, 'products.changeStock').filter(
          ({ input }) => input['productId'] === productId,
        )
        const received =
          sum(created.map(({ input }) => input['stock'])) + sum(changed.map(({ input }) => input['change']))
        const lines = paid.flatMap((order) => order.lines.filter((line) => line.productId === productId))
        const taken = sum(lines.map(({ quantity }) => quantity))
        return received === stock + taken
          ? []
          : `${received} of ${productId} came in, but ${stock} is left and ${taken} was sold`
      })
    },
  },
]
