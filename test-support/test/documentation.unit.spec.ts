import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = join(root, '.tsbuild', 'documentation')

/** What a build of the site writes beside the pages. */
const isMade = /^(reference[/\\]api|\.vitepress)[/\\]/

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !isMade.test(name))
    .map((name) => join('docs', name)),
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'README.md')),
]

const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

const blocks = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => ({
    name: `${page.replaceAll(/[^A-Za-z0-9]+/g, '-')}-${index + 1}.ts`,
    code,
  })),
)

const entries = {
  '@shop/core': 'packages/core/src/index.ts',
  '@shop/core/commands': 'packages/core/src/commands.ts',
  '@shop/core/store': 'packages/core/src/store.ts',
  '@shop/core/in-memory': 'packages/core/src/in-memory/index.ts',
  '@shop/core/testing': 'packages/core/src/testing/index.ts',
  '@shop/core/conformance': 'packages/core/src/conformance/index.ts',
  '@shop/adapter-knex': 'packages/adapter-knex/src/index.ts',
  '@shop/adapter-redis': 'packages/adapter-redis/src/index.ts',
  '@shop/server-express': 'packages/server-express/src/index.ts',
  '@shop/server-express/jobs': 'packages/server-express/src/jobs/index.ts',
  '@shop/server-express/telemetry': 'packages/server-express/src/telemetry/index.ts',
  '@opentelemetry/api': 'packages/server-express/node_modules/@opentelemetry/api/build/src/index.d.ts',
  '@shop/server-express/client': 'packages/server-express/src/client/index.ts',
  '@nats-io/jetstream': 'examples/event-senders/node_modules/@nats-io/jetstream/lib/mod.d.ts',
  '@nats-io/transport-node': 'examples/event-senders/node_modules/@nats-io/transport-node/lib/mod.d.ts',
  kafkajs: 'examples/event-senders/node_modules/kafkajs/types/index.d.ts',
  '@aws-sdk/client-sqs': 'examples/event-senders/node_modules/@aws-sdk/client-sqs/dist-types/index.d.ts',
  zod: 'packages/server-express/node_modules/zod/index.d.ts',
  knex: 'packages/adapter-knex/node_modules/knex/types/index.d.ts',
  ...Object.fromEntries(
    ['pg', 'drizzle', 'kysely', 'prisma', 'typeorm', 'postgres-js'].map((name) => [
      `@shop/adapter-knex/within/${name}`,
      `packages/adapter-knex/src/within/${name}.ts`,
    ]),
  ),
  '#prisma': 'examples/query-builders/prisma/generated/client.ts',
  pg: 'examples/query-builders/node_modules/@types/pg/index.d.ts',
  'drizzle-orm/node-postgres': 'examples/query-builders/node_modules/drizzle-orm/node-postgres/index.d.ts',
  'drizzle-orm/pg-core': 'examples/query-builders/node_modules/drizzle-orm/pg-core/index.d.ts',
  kysely: 'examples/query-builders/node_modules/kysely/dist/esm/index.d.ts',
  typeorm: 'examples/query-builders/node_modules/typeorm/index.d.ts',
  postgres: 'examples/query-builders/node_modules/postgres/types/index.d.ts',
  express: 'packages/server-express/node_modules/@types/express/index.d.ts',
}

test('every TypeScript block of the documentation compiles', { timeout: 60_000 }, () => {
  expect(blocks.length).toBeGreaterThan(pages.filter((page) => page.startsWith('packages')).length)
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  for (const { name, code } of blocks) writeFileSync(join(scratch, name), code)
  const paths = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, [join(root, path)]]))
  const options = { composite: false, incremental: false, noEmit: true, emitDeclarationOnly: false, declaration: false }
  writeFileSync(
    join(scratch, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        ...options,
        declarationMap: false,
        rootDir: root,
        typeRoots: [join(root, 'node_modules/@types')],
        paths,
      },
      include: ['*.ts'],
    }),
  )
  const compile = () =>
    execFileSync(process.execPath, [join(root, 'node_modules/typescript7/bin/tsc'), '-p', scratch], {
      encoding: 'utf8',
    })
  let output = ''
  try {
    output = compile()
  } catch (error) {
    output = String((error as { stdout?: unknown }).stdout ?? error)
  }
  expect(output).toBe('')
})

/** The anchors of a page, as GitHub and the site make them of its headings. */
const anchorsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

test.each(pages)('every link of %s has a target', (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)#\s]*)(?:#([^)]*))?\)/g)]
    .map(([, target = '', anchor]) => ({ target, anchor }))
    .filter(({ target }) => !/^([a-z]+:|\/)/.test(target))
    .map(({ target, anchor }) => ({ path: target === '' ? page : join(dirname(page), target), anchor }))
  const broken = links.filter(
    ({ path, anchor }) =>
      !existsSync(join(root, path)) ||
      (anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).includes(anchor)),
  )
  expect(broken).toEqual([])
})

/** Written by tests and scripts, from the code. */
const isGenerated = /(http-api|laws|mutants|behaviours|write-an-adapter)\.md$/

const written = pages.filter((page) => page.startsWith('docs') && !isGenerated.test(page))

/** The lines of a page outside of its code. */
const proseOf = (page: string): readonly string[] =>
  textOf(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .split('\n')

test.each(written)('%s wraps at 100 characters, tables apart', (page) => {
  const unbreakable = /`[^`]+`|!?\[[^\]]+\]\([^)]*\)/g
  const long = proseOf(page).filter((line) => line.replaceAll(unbreakable, '').length > 100 && !/^ *\|/.test(line))
  expect(long).toEqual([])
})

test.each([...written, 'README.md', 'CONTRIBUTING.md'])('%s uses words that every reader knows', (page) => {
  const hard = /\b(anew|whoever|whom|nobody is|not to be had|where left out|comes out as)\b/i
  expect(proseOf(page).filter((line) => hard.test(line))).toEqual([])
})
