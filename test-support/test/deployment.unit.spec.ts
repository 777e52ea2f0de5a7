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

/** The instructions of the Dockerfile, one line each. */
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

const secret = '0123456789abcdef0123456789abcdef'

/** The value of a variable if only the secret is set, which has no default. */
const withDefaults = (value: string): string =>
  value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replace(/^\$\{SHOP_JWT_SECRET:\?[^}]+\}$/, secret)

const serverEnvironment: Record<string, string> = Object.fromEntries(
  Object.entries(compose.services.server.environment as Record<string, string>).map(([name, value]) => [
    name,
    withDefaults(value),
  ]),
)

test('every source of the image exists', () => {
  const sources = restOf('COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(' ').slice(0, -1))
  expect(sources.length).toBeGreaterThan(5)
  expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([])
  for (const folder of parse(textOf('pnpm-workspace.yaml')).packages) {
    expect(sources).toContain(String(folder).replace('/*', ''))
  }
})

test('the image runs a file of the server package as a non-root user', () => {
  const stages = restOf('FROM')
  expect(stages).toHaveLength(2)
  expect(new Set(stages.map((stage) => stage.split(' ')[0])).size).toBe(1)
  const last = instructions.findLastIndex(({ name }) => name === 'FROM')
  expect(instructions.slice(last).filter(({ name }) => name === 'USER')).toEqual([{ name: 'USER', rest: 'node' }])
  const command = JSON.parse(only(restOf('CMD'))) as string[]
  expect(command.at(0)).toBe('node')
  expect(textOf('packages/server-express/bin/shop-server.js')).toContain(command.at(-1))
})

test("the health check requests an existing route on the server's port", () => {
  const [, , program = ''] = JSON.parse(only(restOf('HEALTHCHECK')).replace(/^.*?CMD /, '')) as string[]
  const [, path] = /process\.env\.PORT \+ '([^']+)'/.exec(program) ?? []
  expect(makeRoutes().map((route) => route.path)).toContain(path)
  const environment = only(restOf('ENV').filter((rest) => rest.includes('PORT=')))
  expect(environment).toContain(`PORT=${only(restOf('EXPOSE'))}`)
})

test('the image and the composition set known variables to valid values', { timeout: 30_000 }, async () => {
  const image = Object.fromEntries(
    restOf('ENV')
      .flatMap((rest) => rest.split(' '))
      .map((pair) => pair.split('=')),
  )
  for (const name of Object.keys(serverEnvironment)) expect(Object.keys(variables.shape)).toContain(name)
  expect(unknownNames(image)).toEqual([])
  // Loads both adapters to check the URLs.
  const { host, port, demoSignIn, warnings } = await readConfig({ ...image, ...serverEnvironment })
  expect([host, port, demoSignIn]).toEqual(['0.0.0.0', 3_000, true])
  expect(warnings).toEqual([
    expect.stringMatching(/^SHOP_DEMO_SIGN_IN is on/),
    expect.stringMatching(/^SHOP_CHARGE_ACCESS is user/),
  ])
  await expect(readConfig({ ...image, DATABASE_URL: 'postgres://db/shop' })).rejects.toThrow(/^SHOP_JWT_SECRET /)
})

test('the table in docs/operate/operating.md lists exactly the variables of the server', () => {
  const rows = [...textOf('docs/operate/operating.md').matchAll(/^\| (`[A-Z_]+`[^|]*) \|/gm)].map(
    ([, names = '']) => names,
  )
  const named = rows.flatMap((names) => [...names.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name))
  const setByHand = Object.keys(variables.shape).filter((name) => name !== 'SHOP_START_BEGAN')
  expect(setByHand.filter((name) => !textOf('docs/operate/operating.md').includes(`\`${name}\``))).toEqual([])
  expect(named.filter((name) => /^SHOP_/.test(name ?? '') && !setByHand.includes(name ?? ''))).toEqual([])
})

test('the image does not allow demo sign-in by default', async () => {
  expect(await readConfig({ HOST: '0.0.0.0', SHOP_DEMO_DATA: 'on' })).toMatchObject({ demoSignIn: false })
})

const composeFiles = ['compose.yaml', 'examples/three-servers/compose.yaml', 'examples/ha-cluster/compose.yaml']

test('no file for starting a server contains a secret', () => {
  const secrets = composeFiles.flatMap((path) =>
    [...textOf(path).matchAll(/^ +SHOP_\w+_SECRET: (.*)$/gm)].map(([, value]) => value),
  )
  for (const value of secrets) expect(value).toMatch(/^\$\{\w+:\?/)
  expect(compose.services.server.environment.SHOP_JWT_SECRET).toMatch(/^\$\{SHOP_JWT_SECRET:\?.*openssl rand/)
})

test('the composition exposes the demo to this machine only, and its services refer to each other', () => {
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
  ['examples/ha-cluster/compose.yaml', 'shop-1'],
])('%s gives a stopping server time to drain and to shut down', (path, service) => {
  const { environment, stop_grace_period: grace } = yamlOf(path).services[service]
  const drainMs = Number(environment.SHOP_DRAIN_MS)
  expect(drainMs).toBe(5_000)
  expect(Number(/^(\d+)s$/.exec(grace)?.[1]) * 1_000).toBeGreaterThanOrEqual(drainMs + 10_000)
})

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly needs?: string
  readonly steps: readonly Step[]
}

interface Step {
  readonly run?: string
  readonly uses?: string
  readonly with?: { readonly version?: string; readonly publish?: string }
}

const jobsOf = (workflow: string): [string, Job][] =>
  Object.entries(yamlOf(join('.github/workflows', workflow)).jobs as Record<string, Job>)

const workflows = readdirSync(join(root, '.github/workflows'))

test.each(workflows)('%s runs existing scripts, with declared permissions and pinned actions', (name) => {
  const workflow = yamlOf(join('.github/workflows', name))
  expect(workflow.permissions).toBeDefined()
  const scripts = Object.keys(JSON.parse(textOf('package.json')).scripts)
  const steps = jobsOf(name).flatMap(([, job]) => job.steps)
  const commands = steps.flatMap(({ run, with: inputs }) => [run, inputs?.version, inputs?.publish])
  const named = commands.flatMap((line) =>
    [...String(line).matchAll(/npm (?:run )?([\w:]+)/g)].map(([, script]) => script),
  )
  expect(named).toContain('test')
  expect(named.filter((script) => !scripts.includes(String(script)))).toEqual([])
  const unpinned = steps.filter(({ uses }) => uses && !/@[0-9a-f]{40}$/.test(uses)).map(({ uses }) => uses)
  expect(unpinned).toEqual([])
})

test('the publishing job runs no tests and waits for the test job, which is read-only', () => {
  const jobs = jobsOf('release.yml')
  const mayPublish = jobs.filter(([, { permissions = {} }]) => Object.values(permissions).includes('write'))
  const [, { steps, needs }] = only(mayPublish)
  const commands = steps.flatMap(({ run = '' }) => run)
  expect(commands.filter((command) => /npm (test|run release:rehearse)|apt-get/.test(command))).toEqual([])
  const tests = jobs.find(([name]) => name === needs)?.[1]
  expect(tests?.permissions).toEqual({ contents: 'read' })
  expect(tests?.steps.map(({ run }) => run)).toEqual(expect.arrayContaining(['npm test', 'npm run release:rehearse']))
})

const { node: nodes } = yamlOf('.github/workflows/ci.yml').jobs.test.strategy.matrix as { node: string[] }

test('every package allows only the patched Node lines, and CI tests the first release of each', () => {
  const allowed = nodes.map((version, index) => `${index < nodes.length - 1 ? '^' : '>='}${version}`).join(' || ')
  expect(nodes.every((version) => /^\d+\.\d+\.\d+$/.test(version))).toBe(true)
  for (const folder of ['.', ...readdirSync(join(root, 'packages')).map((name) => join('packages', name))]) {
    expect([folder, JSON.parse(textOf(join(folder, 'package.json'))).engines.node]).toEqual([folder, allowed])
  }
})

test('images are exact releases of a tested line, and a bot pins and updates their digests', () => {
  const images = [
    ...textOf('Dockerfile').matchAll(/^FROM node:(\S+)/gm),
    ...textOf('examples/three-servers/compose.yaml').matchAll(/FROM node:(\S+)/g),
  ]
  expect(images).toHaveLength(3)
  for (const [, tag = ''] of images) expect(nodes).toContain(tag.replace(/-bookworm-slim(@sha256:[0-9a-f]{64})?$/, ''))
  expect(JSON.parse(textOf('.github/renovate.json')).extends).toEqual(
    expect.arrayContaining(['docker:pinDigests', 'helpers:pinGitHubActionDigests']),
  )
})

test.each(['README.md', 'README.ko.md', 'CONTRIBUTING.md', 'docs/start/README.md', 'docs/operate/operating.md'])(
  '%s lists the Node releases that the packages allow',
  (page) => {
    for (const version of nodes) expect(textOf(page)).toContain(version)
  },
)

test.each(readdirSync(join(root, '.github/ISSUE_TEMPLATE')))('%s is a valid issue form', (name) => {
  const form = yamlOf(join('.github/ISSUE_TEMPLATE', name))
  expect(form.body?.length ?? form.contact_links?.length).toBeGreaterThan(0)
})
