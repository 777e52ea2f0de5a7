import { type Migration, run } from './migration.js'

/** The percentage of each page that inserts may fill. The rest is for updates. */
const fill = (s: string, { products, sales, coupons }: Record<'products' | 'sales' | 'coupons', number>) => [
  `alter table ${s}.products set (fillfactor = ${products})`,
  `alter table ${s}.daily_sales set (fillfactor = ${sales})`,
  `alter table ${s}.coupons set (fillfactor = ${coupons})`,
]

export const roomForHotRows: Migration = {
  name: '0003_room_for_hot_rows',
  sentence:
    'Leaves most of a page of products, daily sums and coupons to updates: a rush changes the same rows hundreds of times a second, and a version that finds room in its page touches no index.',
  up: (trx, s) => run(trx, fill(s, { products: 20, sales: 20, coupons: 10 })),
  down: (trx, s) => run(trx, fill(s, { products: 70, sales: 70, coupons: 70 })),
}
