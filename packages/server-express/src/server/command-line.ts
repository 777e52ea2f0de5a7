import { packageVersion } from '../util/package-version.js'
import { readTenantsCall, type TenantsCall, tenantsHelp } from './tenants/call.js'

/** What the process does: `serve` answers HTTP and runs the jobs. */
export type Task = 'serve' | 'migrate' | 'import' | 'audit' | 'repair' | 'jobs' | 'tenants'

const tasks: Readonly<Record<Task, string>> = {
  serve: 'Answer HTTP and run the scheduled jobs (the default)',
  migrate: 'Bring the tables up to date, and end',
  import:
    'Bring users, products and coupons of an earlier shop from a file of lines of JSON, and end: 65 with bad lines',
  audit: 'Check every law on one snapshot of the live data, print the report as JSON, and end: 0 if all hold, 1 if not',
  repair:
    'Cure what the audit finds and has one safe cure, print both as JSON, and end: 0 if all laws hold then, 1 if not',
  jobs: 'Run the scheduled jobs and send the events, without HTTP',
  tenants: 'List, create, migrate, audit or move the shops of SHOP_TENANTS: see shop-server tenants --help',
}

const dryRun = '--dry-run'

/** The arguments that may follow a command. */
const flags: Readonly<Partial<Record<Task, readonly string[]>>> = { import: [dryRun], repair: [dryRun] }

const list = (entries: Readonly<Record<string, string>>): string =>
  Object.entries(entries)
    .map(([name, text]) => `  ${name.padEnd(17)}${text}`)
    .join('\n')

const help = `Usage: shop-server [command]
       shop-server import FILE [${dryRun}]
       shop-server tenants COMMAND

Commands
${list(tasks)}

Options
${list({
  FILE: 'The file to import; - is the standard input',
  [`import ${dryRun}`]: 'Check every line against the data, and import nothing',
  [`repair ${dryRun}`]: 'Print the cures, and change nothing',
  '--help': 'Print this text',
  '--version': 'Print the version',
})}

Environment variables configure the server; a file .env in the current folder may set them, too. The common ones:
${list({
  PORT: '3000',
  HOST: '127.0.0.1',
  DATABASE_URL: 'postgres://user:password@host:5432/database; without it, an embedded Postgres runs',
  SHOP_DATA_DIR: '.shop-data: where the embedded Postgres keeps its data',
  SHOP_JWT_SECRET: 'signs tokens (HS256); in production it, or SHOP_JWKS_URL, is required',
  SHOP_PRESET: 'standard: the preset of policies; SHOP_POLICIES overrides single ones, as JSON',
  SHOP_CURRENCY: 'the currency of all amounts, ISO 4217, for example USD; without it, no answer names one',
})}
All variables: https://github.com/shop-ts/shop/blob/main/docs/operate/operating.md#settings
`

/** A wrong argument: EX_USAGE of sysexits.h. */
const wrongUsage = 64

/** A task, with its flags. */
export interface TaskCall {
  readonly task: Task
  /** Whether `import` or `repair` changes nothing. @default false */
  readonly isDryRun?: boolean
  /** What `import` reads: a file, or `-` for the standard input. */
  readonly file?: string
  /** What `tenants` does. */
  readonly tenants?: TenantsCall
}

/** What the arguments ask for: a task, or a text to print before the process ends. */
export type CommandLine = TaskCall | { readonly status: number; readonly output?: string; readonly error?: string }

const isTask = (word: string): word is Task => Object.hasOwn(tasks, word)

const unknownArgument = (word: string): CommandLine => ({
  status: wrongUsage,
  error: `unknown argument ${word}: see shop-server --help\n`,
})

/** A single hyphen is the standard input. */
const isFile = (word: string | undefined): boolean => word !== undefined && (word === '-' || !word.startsWith('-'))

/** Reads the arguments after the program's name. Settings are not looked at. */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  if (args.some((each) => each === '--help' || each === '-h')) {
    return { status: 0, output: args[0] === 'tenants' ? tenantsHelp : help }
  }
  if (args.includes('--version')) return { status: 0, output: `${packageVersion}\n` }
  const [task = 'serve', ...rest] = args
  if (!isTask(task)) return unknownArgument(task)
  if (task === 'tenants') {
    const tenants = readTenantsCall(rest)
    if (!('usage' in tenants)) return { task, tenants }
    return { status: wrongUsage, error: `${tenants.usage}: see shop-server tenants --help\n` }
  }
  const words = rest.filter((each) => !flags[task]?.includes(each))
  const file = task === 'import' && isFile(words[0]) ? words.shift() : undefined
  const [unknown] = words
  if (unknown !== undefined) return unknownArgument(unknown)
  if (task === 'import' && file === undefined)
    return { status: wrongUsage, error: 'import needs a file: see shop-server --help\n' }
  return { task, ...(rest.includes(dryRun) && { isDryRun: true }), ...(file !== undefined && { file }) }
}
