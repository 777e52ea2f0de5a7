import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

test('docs/operate/operating.md lists exactly the metrics of the server', () => {
  const sources = readdirSync(pathOf('packages/server-express/src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(pathOf(`packages/server-express/src/${path}`), 'utf8'))
  const metrics = sources.flatMap((text) => [...text.matchAll(/'(shop_[a-z_]+)'/g)].map(([, name]) => name))
  expect(metrics.length).toBeGreaterThan(20)
  const [, watching = ''] = readFileSync(pathOf('docs/operate/operating.md'), 'utf8').split('\n## Watching\n')
  const [list = ''] = watching.split('\nAlert on:')
  const listed = [...list.matchAll(/`(shop_[a-z_]+)`/g)].map(([, name]) => name)
  expect(listed.sort()).toEqual([...new Set(metrics)].sort())
})
