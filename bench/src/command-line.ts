import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Settings, slice, usual } from './settings.js'

export interface CommandLine {
  readonly wantsHelp: boolean
  /** The requested parts. Empty means all parts. */
  readonly parts: readonly string[]
  readonly settings: Settings
}

export const usage = (
  parts: readonly { readonly name: string; readonly about: string }[],
): string => `usage: pnpm bench [part …] [options]

parts (default: all):
${parts.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

options:
  --rounds n           rounds of each contestant (${usual.rounds})
  --seconds n          length of a round (${usual.seconds})
  --users n            users with a wallet (${usual.users})
  --orders n           goal 9: existing orders (${usual.orders})
  --sold-lines n       goal 10: sold order lines in the window (${usual.soldLines})
  --memory-seconds n   goal 12: length of the load (${usual.memorySeconds})
  --crowd n            concurrent callers, most of which are rejected (${usual.crowd})
  --slice              every part as short as possible, as a smoke test
  --database-url url   a Postgres server to create databases on, instead of an embedded one
  --profile folder     writes CPU profiles of the benchmark's own processes here
  --out folder         writes results and charts here (bench/results)
`

const amount = (name: string, given: string | undefined, otherwise: number): number => {
  const value = given === undefined ? otherwise : Number(given)
  if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0`)
  return value
}

/** @throws TypeError or RangeError for invalid options */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: text,
      seconds: text,
      users: text,
      orders: text,
      'sold-lines': text,
      'memory-seconds': text,
      crowd: text,
      slice: { type: 'boolean' },
      'database-url': text,
      profile: text,
      out: text,
      help: { type: 'boolean' },
    },
  })
  const defaults = values.slice ? slice : usual
  return {
    wantsHelp: values.help === true,
    parts: positionals.filter((name) => name !== 'all'),
    settings: {
      shares: defaults.shares,
      groupSizes: defaults.groupSizes,
      rankedProducts: defaults.rankedProducts,
      watchers: defaults.watchers,
      rounds: amount('rounds', values.rounds, defaults.rounds),
      seconds: amount('seconds', values.seconds, defaults.seconds),
      users: amount('users', values.users, defaults.users),
      orders: amount('orders', values.orders, defaults.orders),
      soldLines: amount('sold-lines', values['sold-lines'], defaults.soldLines),
      memorySeconds: amount('memory-seconds', values['memory-seconds'], defaults.memorySeconds),
      crowd: amount('crowd', values.crowd, defaults.crowd),
      databaseUrl: values['database-url'],
      profileFolder: values.profile && resolve(values.profile),
      outFolder: values.out ? resolve(values.out) : fileURLToPath(new URL('../results', import.meta.url)),
    },
  }
}
