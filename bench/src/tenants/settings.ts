import { parseArgs } from 'node:util'

/** Sizes and durations of the measurement of many shops. */
export interface TenantsSettings {
  /** Shops on two databases. */
  readonly shops: number
  /** Shops that sell at the same time. */
  readonly active: number
  /** Concurrent callers of each active shop. */
  readonly callers: number
  /** Concurrent callers of the only shop that is compared: more than it needs to be fastest. */
  readonly callersOfOne: number
  readonly rounds: number
  /** Length of a round, in seconds. */
  readonly seconds: number
  /** Connections that rush one shop. */
  readonly rush: number
  /** Shops whose requests are timed beside the rush. */
  readonly others: number
  /** The parts to measure. */
  readonly parts: readonly string[]
  readonly outFolder: string
}

const usual = {
  shops: 1_000,
  active: 100,
  callers: 64,
  callersOfOne: 512,
  rounds: 5,
  seconds: 5,
  rush: 200,
  others: 20,
}

/** Everything as short as possible: a smoke test, not a measurement. */
const slice = { shops: 6, active: 4, callers: 4, callersOfOne: 8, rounds: 1, seconds: 0.3, rush: 8, others: 2 }

export const usage = `Usage: npm run test:tenants -- [PART...] [--slice] [--shops N] [--rounds N] [--seconds N] [--out FOLDER]

Measures one server with many shops on two databases, and moves a shop under load. It takes some minutes.
Parts: migrating, library, rushing, moving, auditing; all of them by default. Results of other parts are kept.
`

interface Usual {
  /** All parts. */
  readonly parts: readonly string[]
  readonly outFolder: string
}

/** @throws TypeError for an unknown option, RangeError for a wrong number or an unknown part */
export const readSettings = (args: readonly string[], { parts, outFolder }: Usual): TenantsSettings | undefined => {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      slice: { type: 'boolean' },
      help: { type: 'boolean' },
      shops: text,
      rounds: text,
      seconds: text,
      out: text,
    },
  })
  if (values.help) return undefined
  const base = values.slice ? slice : usual
  const number = (name: 'shops' | 'rounds' | 'seconds'): number => {
    const value = Number(values[name] ?? base[name])
    if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0`)
    return value
  }
  const unknown = positionals.find((name) => !parts.includes(name))
  if (unknown !== undefined) throw new RangeError(`unknown part: ${unknown}`)
  const shops = number('shops')
  const active = Math.min(base.active, shops)
  const others = Math.min(base.others, shops - 1)
  const sizes = { shops, active, others, rounds: number('rounds'), seconds: number('seconds') }
  return { ...base, ...sizes, parts: positionals.length > 0 ? positionals : parts, outFolder: values.out ?? outFolder }
}
