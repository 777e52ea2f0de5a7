import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readCommandLine } from '../../src/server/command-line.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

test.each([
  [[], 'serve'],
  [['serve'], 'serve'],
  [['migrate'], 'migrate'],
  [['audit'], 'audit'],
  [['repair'], 'repair'],
  [['jobs'], 'jobs'],
])('%j is the task %s', (args, task) => {
  expect(readCommandLine(args)).toEqual({ task })
})

test('repair --dry-run changes nothing', () => {
  expect(readCommandLine(['repair', '--dry-run'])).toEqual({ task: 'repair', isDryRun: true })
})

test.each([
  [['import', 'shop.ndjson'], { task: 'import', file: 'shop.ndjson' }],
  [['import', '-'], { task: 'import', file: '-' }],
  [['import', '--dry-run', 'a'], { task: 'import', file: 'a', isDryRun: true }],
  [['import', 'a', '--dry-run'], { task: 'import', file: 'a', isDryRun: true }],
])('%j is an import', (args, call) => {
  expect(readCommandLine(args)).toEqual(call)
})

test.each([
  [['import'], 'needs a file'],
  [['import', '--dry-run'], 'needs a file'],
  [['import', 'a', 'b'], 'unknown argument b'],
  [['import', '--fast', 'a'], 'unknown argument --fast'],
])('%j is wrong usage: %s', (args, error) => {
  expect(readCommandLine(args)).toMatchObject({ status: 64, error: expect.stringContaining(error) })
})

test('--help names every command', () => {
  const { status, output } = readCommandLine(['jobs', '--help']) as { status: number; output: string }
  expect(status).toBe(0)
  for (const name of ['serve', 'migrate', 'import', 'audit', 'repair', 'jobs', '--dry-run', '--help', '--version'])
    expect(output).toContain(name)
  for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(130)
})

test('--version is the version of the package', () => {
  expect(readCommandLine(['--version'])).toEqual({ status: 0, output: `${version}\n` })
})

test.each([['audit'], ['migrate']])('%s takes no --dry-run', (task) => {
  expect(readCommandLine([task, '--dry-run'])).toMatchObject({
    status: 64,
    error: expect.stringContaining('--dry-run'),
  })
})

test.each([[['start']], [['--port', '1']], [['migrate', 'now']], [['toString']], [['--dry-run']]])(
  '%j is wrong usage',
  (args) => {
    const { status, error } = readCommandLine(args) as { status: number; error: string }
    expect(status).toBe(64)
    expect(error).toContain(args.at(-1) === 'now' ? 'now' : args[0])
  },
)

test.each([
  [['list'], { command: 'list', json: false }],
  [['list', '--json'], { command: 'list', json: true }],
  [['create', 'books', '--database', 'a'], { command: 'create', shopId: 'books', database: 'a' }],
  [
    ['create', '--schema=s', '--database=a', '--preset=one-call', '--currency=USD', 'books'],
    { command: 'create', shopId: 'books', database: 'a', schema: 's', preset: 'one-call', currency: 'USD' },
  ],
  [['migrate'], { command: 'migrate', shopIds: [], concurrency: 4 }],
  [['audit', 'a', 'b', '--concurrency', '64'], { command: 'audit', shopIds: ['a', 'b'], concurrency: 64 }],
  [['refuse-writes', 'books'], { command: 'refuse-writes', shopId: 'books' }],
  [['accept-writes', 'books'], { command: 'accept-writes', shopId: 'books' }],
  [['move', 'books', '--database', 'b'], { command: 'move', shopId: 'books', database: 'b', waitSeconds: 10 }],
  [['move', 'books', '--database', 'b', '--wait', '0'], { shopId: 'books', database: 'b', waitSeconds: 0 }],
])('tenants %j is a call', (words, call) => {
  expect(readCommandLine(['tenants', ...words])).toMatchObject({ task: 'tenants', tenants: call })
})

test.each([
  [[], 'tenants needs a command: list, create, migrate, audit, refuse-writes, accept-writes, move'],
  [['drop'], 'unknown argument drop: tenants has list,'],
  [['toString'], 'unknown argument toString: tenants has list,'],
  [['list', 'books'], 'unknown argument books'],
  [['list', '--yaml'], "tenants list: unknown option '--yaml'"],
  [['create', '--database', 'a'], 'tenants create needs the id of a shop'],
  [['create', 'books'], 'tenants create needs --database'],
  [['create', 'books', 'toys', '--database', 'a'], 'unknown argument toys'],
  [['migrate', '--concurrency', '0'], '--concurrency must be a whole number from 1 to 64'],
  [['audit', '--concurrency', 'x'], '--concurrency must be a whole number from 1 to 64'],
  [['refuse-writes'], 'tenants refuse-writes needs the id of a shop'],
  [['move', 'books'], 'tenants move needs --database'],
  [['move', 'books', '--database', 'b', '--wait', '-1'], 'tenants move: option'],
  [['move', 'books', '--database', 'b', '--wait=601'], '--wait must be a whole number from 0 to 600'],
])('tenants %j is wrong usage: %s', (words, error) => {
  const found = readCommandLine(['tenants', ...words]) as { status: number; error: string }
  expect(found).toMatchObject({ status: 64, error: expect.stringContaining(error) })
  expect(found.error).toMatch(/: see shop-server tenants --help\n$/)
})

test('tenants --help names every command and every option', () => {
  const { status, output } = readCommandLine(['tenants', '--help']) as { status: number; output: string }
  expect(status).toBe(0)
  for (const name of ['list', 'create', 'migrate', 'audit', 'refuse-writes', 'accept-writes', 'move'])
    expect(output).toMatch(new RegExp(`^  ${name} `, 'm'))
  for (const name of ['--json', '--database', '--schema', '--preset', '--currency', '--concurrency', '--wait'])
    expect(output).toContain(name)
  for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(130)
})
