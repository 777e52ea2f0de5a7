import { parseArgs } from 'node:util'

export type SaleKind = 'coupons' | 'stock'

export interface Sale {
  readonly baseUrl: string
  readonly kind: SaleKind
  /** Copies of the coupon, or units in stock. */
  readonly quantity: number
  readonly buyers: number
  /** Maximum number of buyers with a request in flight. */
  readonly concurrency: number
  /** An administrator's token. By default, a server with demo data issues one. */
  readonly token: string | undefined
  /** File name of the chart. */
  readonly chart: string
}

export class UsageError extends Error {}

export const usage = `flash-sale <base URL> [--kind coupons|stock] [--quantity 100] [--buyers 1000] [--concurrency 64]
           [--token <administrator's>] [--chart flash-sale.svg]
The token may stand in SHOP_TOKEN instead; a server with demo data needs none.`

const options = {
  kind: { type: 'string', default: 'coupons' },
  quantity: { type: 'string', default: '100' },
  buyers: { type: 'string', default: '1000' },
  concurrency: { type: 'string', default: '64' },
  token: { type: 'string' },
  chart: { type: 'string', default: 'flash-sale.svg' },
} as const

const numberOf = (name: string, text: string, maximum: number): number => {
  const value = /^\d+$/.test(text) ? Number(text) : 0
  if (value < 1 || value > maximum)
    throw new UsageError(`--${name} must be a whole number from 1 to ${maximum}: ${text}`)
  return value
}

const baseUrlOf = (positionals: readonly string[]): string => {
  const [text = '', ...more] = positionals
  if (more.length > 0 || !URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError('exactly one base URL is required, for example http://127.0.0.1:3000')
  }
  return text.replace(/\/+$/, '')
}

/** @throws UsageError for invalid arguments */
export const readArguments = (args: readonly string[], environment: NodeJS.ProcessEnv): Sale => {
  const { values, positionals } = parse(args)
  const { kind, token = environment['SHOP_TOKEN'], chart } = values
  if (kind !== 'coupons' && kind !== 'stock') throw new UsageError(`--kind must be coupons or stock: ${kind}`)
  return {
    baseUrl: baseUrlOf(positionals),
    kind,
    quantity: numberOf('quantity', values.quantity, 1_000_000),
    buyers: numberOf('buyers', values.buyers, 100_000),
    concurrency: numberOf('concurrency', values.concurrency, 1_000),
    token,
    chart,
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
