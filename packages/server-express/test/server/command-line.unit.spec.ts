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
