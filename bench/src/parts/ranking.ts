import { compare, inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { query } from '../stage/postgres.js'
import { productCount } from '../stage/seed.js'
import { onUnauditedLibrary } from './on-library.js'
import type { Part } from './part.js'

/**
 * Creates the sold lines of the last three days, most of them for a few products, and their daily sums. The
 * lines are in a table that is as cheap to read as possible.
 */
const fill = (lines: number): string => `
create unlogged table sold_lines as
select 'product-' || lpad((1 + floor(power(random(), 3) * ${productCount}))::text, 4, '0') as product_id,
  1 + number % 3 as quantity, (now() at time zone 'Asia/Seoul')::date - (number % 3)::int as day
from generate_series(1, ${lines}::bigint) number;
insert into shop.daily_sales (time_zone, day, product_id, sold)
select 'Asia/Seoul', day, product_id, sum(quantity) from sold_lines group by 2, 3;
vacuum analyze sold_lines, shop.daily_sales`

/** Adds products up to this number, each with sales on each of the three days. */
const fillProducts = (from: number, to: number): string => `
insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
select 'ranked-' || number, 'Ranked ' || number, 'ranked ' || number, 1000, true, 1000, 1000, 0, now()
from generate_series(${from} + 1, ${to}) number;
insert into shop.daily_sales (time_zone, day, product_id, sold)
select 'Asia/Seoul', (now() at time zone 'Asia/Seoul')::date - day, 'ranked-' || number, 1 + number % 100
from generate_series(${from} + 1, ${to}) number, generate_series(0, 2) day;
vacuum analyze shop.daily_sales, shop.products`

const run = async (url: string, statements: string): Promise<void> => {
  for (const each of statements.split(';')) await query(url, each)
}

/** Repeats until every connection has prepared its statements, and code is compiled. */
const warmRefreshes = 20

/**
 * Goal 10: daily sums are updated as orders are paid, so a refresh reads days and products, not lines. Its time
 * depends on the number of products, which is measured as well.
 */
export const ranking: Part = {
  name: 'ranking',
  about: 'refresh of the ranking against one scan of the sold lines (goal 10)',
  run: (bench) =>
    // The daily sums have no orders, so an audit would fail.
    onUnauditedLibrary(bench, 'ranking', {}, async (library, { url }) => {
      const { settings, show } = bench
      show(`making ${settings.soldLines.toLocaleString('en')} sold lines`)
      await run(url, fill(settings.soldLines))
      const scan = async () => {
        const began = performance.now()
        await query(url, 'select sum(quantity) from sold_lines')
        return { figure: performance.now() - began }
      }
      const refresh = async () => ({ figure: (await library.ask({ kind: 'refresh' })).ms })
      await scan()
      for (let warm = 0; warm < warmRefreshes; warm += 1) await refresh()
      const [scans, refreshes] = await inTurn(
        [
          { name: 'one scan', unit: ' ms', turn: scan },
          { name: 'a refresh', unit: ' ms', turn: refresh },
        ],
        settings.rounds,
        show,
      )
      const points: [number, number][] = [[productCount, median(refreshes?.samples ?? [])]]
      for (const products of settings.rankedProducts) {
        show(`making ${products.toLocaleString('en')} products`)
        await run(url, fillProducts(points.at(-1)?.[0] ?? 0, products))
        await refresh()
        const [more] = await inTurn(
          [{ name: `a refresh of ${products} products`, unit: ' ms', turn: refresh }],
          settings.rounds,
          show,
        )
        points.push([products, median(more?.samples ?? [])])
      }
      return {
        findings: [compare('10', refreshes, scans)],
        charts: [
          {
            name: 'ranking',
            title: 'A refresh of the ranking of three days',
            x: 'products sold',
            logarithmic: true,
            y: 'ms',
            lines: [{ name: 'refresh', points }],
          },
        ],
      }
    }),
}
