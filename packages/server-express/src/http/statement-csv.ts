import type { Statement } from '@shop/core'
import type { Representation } from './route.js'

const lineEnd = '\r\n'

/** No cell needs quotes: dates, ids, names of figures and whole numbers hold neither a comma nor a quote. */
type Row = readonly [figure: string, subject: string, value: number]

const productFigures = ['sold', 'soldAmount', 'refunded', 'refundedAmount'] as const

const rowsOf = ({ opening, movements, closing, products }: Statement): readonly Row[] => [
  ['opening', '', opening],
  ...movements.map(({ kind, amount }): Row => ['movement', kind, amount]),
  ['closing', '', closing],
  ...products.flatMap((product) => productFigures.map((figure): Row => [figure, product.productId, product[figure]])),
]

const nameOf = ({ from, to }: Statement): string => `statement-${from === to ? from : `${from}-to-${to}`}.csv`

/** The statement with one row for each figure. (RFC 4180) */
export const statementCsv: Representation<Statement> = {
  contentType: 'text/csv; charset=utf-8',
  description:
    'One row for each figure: from, to, figure (opening, movement, closing, sold, soldAmount, refunded, refundedAmount), subject (the kind of movement or the product), value',
  write(statement) {
    const { from, to } = statement
    const lines = ['from,to,figure,subject,value', ...rowsOf(statement).map((row) => [from, to, ...row].join(','))]
    return {
      content: lines.map((line) => line + lineEnd).join(''),
      headers: { 'content-disposition': `attachment; filename="${nameOf(statement)}"` },
    }
  },
}
