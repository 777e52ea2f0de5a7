import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, administratorOf, secret } from '../support/tokens.js'

const products = 100_000
const readers = 150
const forMs = 8_000

let bundle: Bundle
let database: FreshDatabase
let folder: string
let server: ServerProcess
let url: string
let call: ApiCaller

/** Names that contain every letter, as in a large catalogue. */
const fill = (): Promise<unknown> =>
  database.knex.raw(
    `insert into shop.products (product_id, name, folded_name, price, listed, supplied, stock, held, created_at)
     select 'p' || n, name, lower(name), 1000, true, 100, 100, 0, now() - n * interval '1 second'
     from generate_series(1, ?) n, lateral (select 'Product ' || md5(n::text) || ' of quite some length, ' || n as name) named`,
    [products],
  )

beforeAll(async () => {
  bundle = await bundleServer()
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'shop-starvation-'))
  server = startProcess(bundle.main, folder, {
    DATABASE_URL: database.url,
    SHOP_JWT_SECRET: secret,
    LOG_LEVEL: 'error',
  })
  url = await server.url
  call = await administratorOf(url)
  await fill()
  await database.knex.raw('analyze shop.products')
}, 120_000)

afterAll(async () => {
  server.child.kill('SIGTERM')
  await server.ended
  await database.drop()
  await rm(folder, { recursive: true })
  await bundle.remove()
})

let charges = 0

/** A wallet has a limit, so each gets only a thousand charges. */
const charge = async (): Promise<{ readonly status: number; readonly ms: number }> => {
  const began = performance.now()
  charges += 1
  const userId = `user-${Math.floor(charges / 1_000)}`
  const { status } = await call('POST', '/api/balance/charge', { userId, amount: 100 })
  return { status, ms: performance.now() - began }
}

interface Crowd {
  readonly statuses: Readonly<Record<string, number>>
  readonly withoutRetryAfter: number
}

/** Runs the readers while the work runs. */
const amid = async <T>(paths: readonly string[], work: () => Promise<T>): Promise<{ result: T; crowd: Crowd }> => {
  const worker = new Worker(new URL('readers.mjs', import.meta.url), { workerData: { url, paths, readers } })
  const told = new Promise<Crowd>((resolve, reject) => worker.once('message', resolve).once('error', reject))
  try {
    const result = await work()
    worker.postMessage('stop')
    return { result, crowd: await told }
  } finally {
    await worker.terminate()
  }
}

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0

/** Sends charges one after another, and checks readiness from time to time. */
const chargeAndWatch = async () => {
  const answers: Awaited<ReturnType<typeof charge>>[] = []
  const readiness: number[] = []
  const began = performance.now()
  for (let n = 0; performance.now() - began < forMs; n += 1) {
    answers.push(await charge())
    if (n % 20 === 0) readiness.push((await fetch(`${url}/readyz`)).status)
  }
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b)
  return {
    writes: times.length,
    statuses: [...new Set(answers.map(({ status }) => status))],
    readiness: [...new Set(readiness)],
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  }
}

const jobErrors = async (): Promise<readonly string[]> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return text.split('\n').filter((line) => /^shop_job_errors_total.* [1-9]/.test(line))
}

const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789']

describe(`${readers} anonymous readers of ${products.toLocaleString('en')} products`, () => {
  test.each([
    ['one letter', ['/api/products?keyword=a']],
    ['every letter', letters.map((letter) => `/api/products?keyword=${letter}`)],
    ['pairs of letters', letters.flatMap((a) => letters.map((b) => `/api/products?keyword=${a}${b}`))],
    [
      'words in every name',
      letters.map((letter) => `/api/products?keyword=${encodeURIComponent(`t ${letter}`)}&size=100`),
    ],
    [
      'deep pages',
      letters.flatMap((letter, n) => [`/api/products?page=${9_000 + n}`, `/api/products?page=2000&keyword=${letter}`]),
    ],
    ['pages beyond the end', letters.map((letter, n) => `/api/products?page=${20_000 + n}&keyword=${letter}`)],
    ['claimable coupons, ranking and details', ['/api/coupon', '/api/products/top', '/api/products/p1']],
  ])('do not slow down writes, jobs and readiness: %s', async (_, paths) => {
    const { result, crowd } = await amid(paths, chargeAndWatch)
    expect(result.statuses).toEqual([200])
    expect(result.readiness).toEqual([200])
    expect(await jobErrors()).toEqual([])
    expect(Object.keys(crowd.statuses).filter((status) => status !== '200' && status !== '503')).toEqual([])
    expect(crowd.withoutRetryAfter).toBe(0)
    expect(result.p50).toBeLessThan(500)
    expect(result.p99).toBeLessThan(2_500)
  })
})
