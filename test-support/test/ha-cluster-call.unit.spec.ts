import { expect, test } from 'vitest'

interface Call {
  readonly strikes: readonly { readonly name: string }[]
  readonly minutes: number
  readonly status?: number
  readonly text?: string
}

const module = new URL('../../examples/ha-cluster/src/call.mjs', import.meta.url).href
const { readCall }: { readCall: (args: readonly string[]) => Call } = await import(module)

test('the cluster without arguments runs every strike once', () => {
  const { strikes, ...rest } = readCall([])
  expect(strikes.length).toBeGreaterThan(5)
  expect(rest).toEqual({ minutes: 0, users: 16, results: 'results.json', keep: false, document: false })
})

test('the cluster runs the chosen strikes', () => {
  const { strikes, minutes } = readCall(['--strikes', 'switchover, kill-primary', '--minutes', '1.5'])
  expect(strikes.map(({ name }) => name)).toEqual(['kill-primary', 'switchover'])
  expect(minutes).toBe(1.5)
})

test.each([
  [['--strikes', 'kill-primry'], 'unknown strikes: kill-primry. Known: '],
  [['--strikes='], 'unknown strikes: '],
  [['--minutes', 'x'], '--minutes must be 0 or more'],
  [['--minutes='], '--minutes must be 0 or more'],
  [['--minutes', 'Infinity'], '--minutes must be 0 or more'],
  [['--users', '0'], '--users must be a whole number of at least 1'],
  [['--users', '1.5'], '--users must be a whole number of at least 1'],
  [['--minute', '1'], "Unknown option '--minute'. See --help"],
  [['cut-primary'], "Unexpected argument 'cut-primary'"],
])('the cluster refuses %j before it starts anything', (args, text) => {
  const call = readCall(args)
  expect(call).toMatchObject({ status: 64, text: expect.stringContaining(text) })
  expect(call.text).toContain('See --help')
})

test('the cluster explains its arguments', () => {
  const { status, text } = readCall(['--help'])
  expect(status).toBe(0)
  for (const name of ['--strikes', '--minutes', '--users', '--results', '--keep', 'cut-primary']) {
    expect(text).toContain(name)
  }
})
