import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop } from '../../src/index.js'
import { commands } from '../../src/shop/commands.js'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const page = here('hovered.ts')

const shop = createShop({ store: inMemoryStore() })

/** Each function of the face as an expression: `shop.orders.place`. */
const calls = Object.entries(shop).flatMap(([noun, value]) =>
  typeof value === 'function'
    ? [`shop.${noun}`]
    : Object.entries(value)
        .filter(([, call]) => typeof call === 'function')
        .map(([name]) => `shop.${noun}.${name}`),
)
const inside = Object.entries(commands).flatMap(([noun, named]) =>
  Object.keys(named).map((name) => `within.${noun}.${name}`),
)
const members = [...new Set(calls.map((call) => call.split('.').slice(0, 2).join('.')))]

const expressions = [...calls, ...inside, ...members]
const text = [
  "import type { Shop, ShopWithin } from '../../src/index.js'",
  'declare const shop: Shop',
  'declare const within: ShopWithin',
  ...expressions.map((expression) => `;${expression};`),
].join('\n')

/** The text that an editor shows for the name at the end of each expression. */
const hover = (): ReadonlyMap<string, { readonly text: string; readonly tags: readonly string[] }> => {
  const { config } = ts.readConfigFile(here('../../../../tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, here('../..'))
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, noEmit: true, composite: false, emitDeclarationOnly: false }),
    getScriptFileNames: () => [page],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) =>
      name === page
        ? ts.ScriptSnapshot.fromString(text)
        : existsSync(name)
          ? ts.ScriptSnapshot.fromString(readFileSync(name, 'utf8'))
          : undefined,
    getCurrentDirectory: () => here('../..'),
    getDefaultLibFileName: (found) => ts.getDefaultLibFilePath(found),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  })
  return new Map(
    expressions.map((expression) => {
      const name = text.indexOf(`;${expression};`) + 1 + expression.lastIndexOf('.') + 1
      const info = service.getQuickInfoAtPosition(page, name)
      return [
        expression,
        { text: ts.displayPartsToString(info?.documentation), tags: (info?.tags ?? []).map(({ name }) => name) },
      ]
    }),
  )
}

test('an editor shows the documentation of every member of the face', { timeout: 60_000 }, () => {
  const shown = hover()
  expect(calls).toEqual(expect.arrayContaining(['shop.orders.place', 'shop.coupons.issue', 'shop.upkeep.purge']))
  expect(calls.length).toBeGreaterThan(35)
  expect(shown.get('shop.orders.place')?.text).toMatch(/^Places an order/)
  expect(expressions.filter((expression) => (shown.get(expression)?.text.length ?? 0) < 10)).toEqual([])
  expect(calls.filter((call) => !shown.get(call)?.tags.includes('example'))).toEqual([])
  const commandCalls = Object.entries(commands).flatMap(([noun, named]) =>
    Object.keys(named).map((name) => `shop.${noun}.${name}`),
  )
  expect(commandCalls.filter((call) => !shown.get(call)?.tags.includes('throws'))).toEqual([])
})
