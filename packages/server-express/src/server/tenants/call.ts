import { parseArgs } from 'node:util'

const defaultConcurrency = 4
const defaultWaitSeconds = 10

/** What `shop-server tenants` does. */
export type TenantsCall =
  | { readonly command: 'list'; readonly json: boolean }
  | {
      readonly command: 'create'
      readonly shopId: string
      readonly database: string
      readonly schema?: string | undefined
      readonly preset?: string | undefined
      readonly currency?: string | undefined
    }
  | {
      readonly command: 'migrate' | 'audit'
      /** All shops if empty. */
      readonly shopIds: readonly string[]
      readonly concurrency: number
    }
  | { readonly command: 'refuse-writes' | 'accept-writes'; readonly shopId: string }
  | {
      readonly command: 'move'
      readonly shopId: string
      readonly database: string
      /** How long servers take to notice a change of the file, at most. */
      readonly waitSeconds: number
    }

type Command = TenantsCall['command']

const text = { type: 'string' } as const

const options = {
  list: { json: { type: 'boolean' } },
  create: { database: text, schema: text, preset: text, currency: text },
  migrate: { concurrency: text },
  audit: { concurrency: text },
  'refuse-writes': {},
  'accept-writes': {},
  move: { database: text, wait: text },
} as const satisfies Record<Command, object>

const isCommand = (word: string): word is Command => Object.hasOwn(options, word)

/** A wrong argument. */
class Usage extends Error {}

const wholeNumber = (name: string, given: string | undefined, usual: number, from: number, to: number): number => {
  if (given === undefined) return usual
  const value = /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN
  if (!(value >= from && value <= to)) throw new Usage(`--${name} must be a whole number from ${from} to ${to}`)
  return value
}

const oneShop = (command: Command, [shopId, extra]: readonly string[]): string => {
  if (shopId === undefined) throw new Usage(`tenants ${command} needs the id of a shop`)
  if (extra !== undefined) throw new Usage(`unknown argument ${extra}`)
  return shopId
}

const databaseOf = (command: Command, database: string | undefined): string => {
  if (database === undefined) throw new Usage(`tenants ${command} needs --database`)
  return database
}

/** The first sentence of the message of Node. */
const parsed = (command: Command, args: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: options[command],
      allowPositionals: true,
      strict: true,
    })
    return { values: values as Readonly<Record<string, string | boolean | undefined>>, positionals }
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('. ')
    throw new Usage(`tenants ${command}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`)
  }
}

const readCall = ([command, ...args]: readonly string[]): TenantsCall => {
  const commands = Object.keys(options).join(', ')
  if (command === undefined) throw new Usage(`tenants needs a command: ${commands}`)
  if (!isCommand(command)) throw new Usage(`unknown argument ${command}: tenants has ${commands}`)
  const { values, positionals } = parsed(command, args)
  const textOf = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  switch (command) {
    case 'list': {
      const [extra] = positionals
      if (extra !== undefined) throw new Usage(`unknown argument ${extra}`)
      return { command, json: values['json'] === true }
    }
    case 'create': {
      const shopId = oneShop(command, positionals)
      const database = databaseOf(command, textOf('database'))
      const rest = { schema: textOf('schema'), preset: textOf('preset'), currency: textOf('currency') }
      return { command, shopId, database, ...rest }
    }
    case 'migrate':
    case 'audit': {
      const concurrency = wholeNumber('concurrency', textOf('concurrency'), defaultConcurrency, 1, 64)
      return { command, shopIds: positionals, concurrency }
    }
    case 'move': {
      const shopId = oneShop(command, positionals)
      const waitSeconds = wholeNumber('wait', textOf('wait'), defaultWaitSeconds, 0, 600)
      return { command, shopId, database: databaseOf(command, textOf('database')), waitSeconds }
    }
    default:
      return { command, shopId: oneShop(command, positionals) }
  }
}

/** Reads the words after `tenants`: a call, or what is wrong with them. */
export const readTenantsCall = (words: readonly string[]): TenantsCall | { readonly usage: string } => {
  try {
    return readCall(words)
  } catch (error) {
    if (!(error instanceof Usage)) throw error
    return { usage: error.message }
  }
}

const list = (entries: Readonly<Record<string, string>>): string =>
  Object.entries(entries)
    .map(([name, about]) => `  ${name.padEnd(20)}${about}`)
    .join('\n')

/** The text of `shop-server tenants --help`. */
export const tenantsHelp = `Usage: shop-server tenants COMMAND

The shops of the file that SHOP_TENANTS names. Running servers notice a change of the file within seconds.

Commands
${list({
  'list [--json]': 'Print each shop with its database, schema, state and size: 1 if a shop cannot be used',
  'create ID': 'Create the schema and the tables of a shop, and add it to the file',
  'migrate [ID...]': 'Bring the tables of all shops up to date, or of some; run it again to go on: 1 if a shop failed',
  'audit [ID...]': 'Check every law in every shop, and print a line of JSON for each: 1 if a law is broken',
  'refuse-writes ID': 'Refuse the writes of a shop, and stop its jobs',
  'accept-writes ID': 'Accept them again',
  'move ID': 'Move a shop to another database; its writes are refused meanwhile, its reads go on',
})}

Options
${list({
  '--database NAME': 'create, move: the name of a database of the file',
  '--schema NAME': 'create: the Postgres schema; the default is the id',
  '--preset NAME': 'create: the preset of its policies; the default is standard',
  '--currency CODE': 'create: the currency of its amounts, ISO 4217',
  '--concurrency N': `migrate, audit: how many shops at once; the default is ${defaultConcurrency}`,
  '--wait SECONDS': `move: how long servers take to notice a change of the file; the default is ${defaultWaitSeconds}`,
})}
`
