import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/concepts/flows.md`, 'utf8')

const flows = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf('\n')),
    said: /The request passes (\d+) files/.exec(text)?.[1],
    files: [...text.matchAll(/^\| \[`([^`]+)`\]\(\.\.\/\.\.\/([^)]+)\) \|/gm)].map(([, name = '', path = '']) => ({
      name,
      path,
    })),
  }))

test('three flows are told', () => {
  expect(flows.map(({ title }) => title)).toHaveLength(3)
  for (const { files } of flows) expect(files.length).toBeGreaterThan(5)
})

test.each(flows)('$title: every file exists, and is called by its path', ({ files }) => {
  for (const { name, path } of files) {
    expect([path, existsSync(root + path)]).toEqual([path, true])
    expect(path.split('/').slice(-2).join('/')).toBe(name)
  }
})

test('the first flow counts its files right, and passes at most 20', () => {
  const [first] = flows
  expect(Number(first?.said)).toBeLessThanOrEqual(20)
  expect(Number(first?.said)).toBe(new Set(first?.files.map(({ path }) => path)).size)
})
