import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../packages/server-express/src/config/config.js'
import { unknownNames, variables } from '../../packages/server-express/src/config/variables.js'
import { makeRoutes } from '../../packages/server-express/src/http/route-table.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')
const yamlOf = (path: string) => parse(textOf(path))

/** The instructions of the Dockerfile, each as one line. */
const instructions = textOf('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ name: line.slice(0, line.indexOf(' ')), rest: line.slice(line.indexOf(' ') + 1) }))

const restOf = (name: string): string[] => instructions.filter((each) => each.name === name).map(({ rest }) => rest)

const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1)
  return items[0] as T
}

const compose = yamlOf('compose.yaml')

/** What a value is where the reader sets nothing. */
const withDefaults = (value: string): string => value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')

const serverEnvironment: Record<string, string> = Object.fromEntries(
  Object.entries(compose.services.server.environment as Record<string, string>).map(([name, value]) => [
    name,
    withDefaults(value),
  ]),
)

test('whatever the image is built from is there', () => {
  const sources = restOf('COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(' ').slice(0, -1))
  expect(sources.length).toBeGreaterThan(5)
  expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([])
  for (const folder of parse(textOf('pnpm-workspace.yaml')).packages) {
    expect(sources).toContain(String(folder).replace('/*', ''))
  }
})

test('the image runs a file of the server package as a user who is not root', () => {
  const stages = restOf('FROM')
  expect(stages).toHaveLength(2)
  expect(new Set(stages.map((stage) => stage.split(' ')[0])).size).toBe(1)
  const last = instructions.findLastIndex(({ name }) => name === 'FROM')
  expect(instructions.slice(last).filter(({ name }) => name === 'USER')).toEqual([{ name: 'USER', rest: 'node' }])
  const command = JSON.parse(only(restOf('CMD'))) as string[]
  expect(command.at(0)).toBe('node')
  expect(textOf('packages/server-express/bin/shop-server.js')).toContain(command.at(-1))
})

test('the health check asks a route that the server has, on the port that it listens on', () => {
  const [, , program = ''] = JSON.parse(only(restOf('HEALTHCHECK')).replace(/^.*?CMD /, '')) as string[]
  const [, path] = /process\.env\.PORT \+ '([^']+)'/.exec(program) ?? []
  expect(makeRoutes().map((route) => route.path)).toContain(path)
  const environment = only(restOf('ENV').filter((rest) => rest.includes('PORT=')))
  expect(environment).toContain(`PORT=${only(restOf('EXPOSE'))}`)
})

test('the image and the composition set variables that the server reads, to values that it takes', async () => {
  const image = Object.fromEntries(
    restOf('ENV')
      .flatMap((rest) => rest.split(' '))
      .map((pair) => pair.split('=')),
  )
  for (const name of Object.keys(serverEnvironment)) expect(Object.keys(variables.shape)).toContain(name)
  expect(unknownNames(image)).toEqual([])
  const { host, port, demoSignIn, warnings } = await readConfig({ ...image, ...serverEnvironment })
  expect([host, port, demoSignIn]).toEqual(['0.0.0.0', 3_000, true])
  expect(warnings).toEqual([expect.stringMatching(/^SHOP_DEMO_SIGN_IN is on/)])
})

test('the image by itself signs nobody in as an administrator', async () => {
  expect(await readConfig({ HOST: '0.0.0.0', SHOP_DEMO_DATA: 'on' })).toMatchObject({ demoSignIn: false })
})

test('the composition opens the demo to this machine only, and its parts name each other', () => {
  const { server, ...others } = compose.services
  expect(server.ports).toEqual([`127.0.0.1:3000:${only(restOf('EXPOSE'))}`])
  for (const service of Object.values(others) as { ports?: unknown }[]) expect(service.ports).toBeUndefined()
  const hosts = [serverEnvironment['DATABASE_URL'], serverEnvironment['REDIS_URL']].map(
    (url) => new URL(url ?? '').hostname,
  )
  expect(hosts.sort()).toEqual(Object.keys(server.depends_on).sort())
  expect(Object.keys(others).sort()).toEqual(hosts)
  for (const name of hosts) expect(others[name].healthcheck.test.length).toBeGreaterThan(1)
  const { username, password, pathname } = new URL(serverEnvironment['DATABASE_URL'] ?? '')
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = others.postgres.environment
  expect([username, password, pathname]).toEqual([POSTGRES_USER, withDefaults(POSTGRES_PASSWORD), `/${POSTGRES_DB}`])
})

test.each([
  ['compose.yaml', 'server'],
  ['examples/three-servers/compose.yaml', 'shop-1'],
])('%s gives a server that stops the time to drain and to end', (path, service) => {
  const { environment, stop_grace_period: grace } = yamlOf(path).services[service]
  const drainMs = Number(environment.SHOP_DRAIN_MS)
  expect(drainMs).toBe(5_000)
  expect(Number(/^(\d+)s$/.exec(grace)?.[1]) * 1_000).toBeGreaterThanOrEqual(drainMs + 10_000)
})

interface Step {
  readonly run?: string
  readonly uses?: string
  readonly with?: { readonly version?: string; readonly publish?: string }
}

const workflows = readdirSync(join(root, '.github/workflows'))

test.each(workflows)('%s runs scripts that there are, with no more rights than it says, and pinned actions', (name) => {
  const workflow = yamlOf(join('.github/workflows', name))
  expect(workflow.permissions).toBeDefined()
  const scripts = Object.keys(JSON.parse(textOf('package.json')).scripts)
  const steps = Object.values(workflow.jobs as Record<string, { steps: Step[] }>).flatMap((job) => job.steps)
  const commands = steps.flatMap(({ run, with: inputs }) => [run, inputs?.version, inputs?.publish])
  const named = commands.flatMap((line) =>
    [...String(line).matchAll(/npm (?:run )?([\w:]+)/g)].map(([, script]) => script),
  )
  expect(named).toContain('test')
  expect(named.filter((script) => !scripts.includes(String(script)))).toEqual([])
  const unpinned = steps.filter(({ uses }) => uses && !/@[0-9a-f]{40}$/.test(uses)).map(({ uses }) => uses)
  expect(unpinned).toEqual(name === 'release.yml' ? ['changesets/action@v1'] : [])
})

test('the tests run on every Node that the packages name, from the oldest', () => {
  const { node } = yamlOf('.github/workflows/ci.yml').jobs.test.strategy.matrix
  for (const folder of readdirSync(join(root, 'packages'))) {
    const { engines } = JSON.parse(textOf(join('packages', folder, 'package.json')))
    expect(engines.node).toMatch(new RegExp(`^>=${Math.min(...node)}\\.`))
  }
})

test.each(readdirSync(join(root, '.github/ISSUE_TEMPLATE')))('%s is a form that can be read', (name) => {
  const form = yamlOf(join('.github/ISSUE_TEMPLATE', name))
  expect(form.body?.length ?? form.contact_links?.length).toBeGreaterThan(0)
})
