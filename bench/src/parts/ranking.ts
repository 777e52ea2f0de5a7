import { compare, inTurn } from '../figures/in-turn.js'
import { query } from '../stage/postgres.js'
import { onUnauditedLibrary } from './on-library.js'
import type { Part } from './part.js'

const rankedProducts = 10_000

/** Sold lines of the last three days, most of them of a few products, as a table of their own, the cheapest to read that there can be, and their daily sums. */
const fill = (lines: number): string => `
insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
select 'ranked-' || number, 'Ranked ' || number, 'ranked ' || number, 1000, true, 1000, 1000, 0, now()
from generate_series(0, ${rankedProducts - 1}) number;
create unlogged table sold_lines as
select 'ranked-' || floor(power(random(), 3) * ${rankedProducts}) as product_id, 1 + number % 3 as quantity,
  (now() at time zone 'Asia/Seoul')::date - (number % 3)::int as day
from generate_series(1, ${lines}::bigint) number;
insert into shop.daily_sales (time_zone, day, product_id, sold)
select 'Asia/Seoul', day, product_id, sum(quantity) from sold_lines group by 2, 3;
vacuum analyze sold_lines, shop.daily_sales, shop.products`

/** Goal 10: the sums are kept as orders are paid, so a refresh reads days and products, not lines. */
export const ranking: Part = {
  name: 'ranking',
  about: 'refresh of the ranking against one scan of the sold lines (goal 10)',
  run: (bench) =>
    // There are sums without orders: no audit would let them pass.
    onUnauditedLibrary(bench, 'ranking', {}, async (library, { url }) => {
      const { settings, show } = bench
      show(`making ${settings.soldLines.toLocaleString('en')} sold lines`)
      for (const each of fill(settings.soldLines).split(';')) await query(url, each)
      const scan = async () => {
        const began = performance.now()
        await query(url, 'select sum(quantity) from sold_lines')
        return { figure: performance.now() - began }
      }
      const refresh = async () => ({ figure: (await library.ask({ kind: 'refresh' })).ms })
      await scan()
      await refresh()
      const [scans, refreshes] = await inTurn(
        [
          { name: 'one scan', unit: ' ms', turn: scan },
          { name: 'a refresh', unit: ' ms', turn: refresh },
        ],
        settings.rounds,
        show,
      )
      return { findings: [compare('10', refreshes, scans)] }
    }),
}
