import { expect, test } from 'vitest'

const { weightOf } = (await import(new URL('../../docs/.vitepress/search.mjs', import.meta.url).href)) as {
  readonly weightOf: (path: string) => number
}

test('the search of the site ranks guides before decisions, generated pages and the TypeScript API', () => {
  const paths = [
    '/operate/jobs.html#start-and-stop',
    '/decisions/0001-group-commit.html',
    '/reference/http-api.html#shape-order',
    '/reference/api/@shop/core/index.html#coupons',
  ]
  const weights = paths.map(weightOf)
  expect(weights).toEqual([...new Set(weights)].sort((a, b) => b - a))
  expect(weights).toHaveLength(paths.length)
})

test('the site can run it in a browser, from its text alone', () => {
  const copy = new Function(`return ${weightOf}`)() as typeof weightOf
  expect(copy('/reference/api/@shop/core/index.html')).toBe(weightOf('/reference/api/@shop/core/index.html'))
})
