import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { serveShop } from './support/served-shop.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-page-'))
  await mkdir(join(folder, 'page'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>shop</title>')
  await writeFile(join(folder, 'page', 'index-A1b_2.js'), 'export {}')
  await writeFile(join(folder, 'page', 'secret.txt'), 'not a file of the page')
  return () => rm(folder, { recursive: true })
})

const serve = () => serveShop({ deps: { page: folder } })

test('the page is at /, has the CSP of the docs, and is revalidated on each request', async () => {
  const { call } = await serve()
  const { status, headers, text } = await call('GET', '/', { as: null })
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-cache',
  ])
  expect(headers['content-security-policy']).toContain("script-src 'self'")
  expect(headers['content-security-policy']).toMatch(/style-src 'self'(;|$)/)
  expect(headers['content-security-policy']).not.toContain('unsafe')
  expect(text).toContain('<title>shop</title>')
})

test('the files of the page are cached as immutable', async () => {
  const { call } = await serve()
  const { headers, text } = await call('GET', '/page/index-A1b_2.js', { as: null })
  expect([headers['content-type'], headers['cache-control'], text]).toEqual([
    'text/javascript; charset=utf-8',
    'public, max-age=31536000, immutable',
    'export {}',
  ])
})

test.each(['secret.txt', 'other.js', '..', '..%2Findex.html', '%2e%2e%2fpackage.js', 'constructor'])(
  'the file %s is not found',
  async (name) => {
    const { call } = await serve()
    expect([400, 404]).toContain((await call('GET', `/page/${name}`, { as: null })).status)
  },
)

test('a server without the page responds 404 at /', async () => {
  const { call } = await serveShop()
  expect((await call('GET', '/', { as: null })).status).toBe(404)
})

test('a page that was not built is not there', async () => {
  const { call } = await serveShop({ deps: { page: join(folder, 'nowhere') } })
  expect((await call('GET', '/', { as: null })).status).toBe(404)
})
