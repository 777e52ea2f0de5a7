import { Duplex, PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RouteCall } from '../../src/http/route.js'
import { makeRoutes } from '../../src/http/route-table.js'
import { EngineClient } from '../../src/worker/engine-client.js'
import { encodeFrame, FrameReader } from '../../src/workers/frames.js'
import type { Answer, RouteQuestion } from '../../src/workers/messages.js'
import { Places } from '../../src/workers/places.js'
import { WorkerLink } from '../../src/workers/worker-link.js'

const [route] = makeRoutes().filter(({ name }) => name === 'chargeBalance')
const [metrics] = makeRoutes().filter(({ name }) => name === 'getMetrics')
if (!route || !metrics) throw new Error('the routes have other names')

const megabyte = 'x'.repeat(1_048_576)

const callWith = (body: unknown) => ({ body, caller: { userId: 'user', isAdministrator: false } }) as RouteCall

/** A link whose other side reads nothing. */
const stalled = (): Duplex => new Duplex({ read() {}, write() {} })

test('a worker refuses requests while the engine does not take what it sends, but not those of monitoring', async () => {
  const engine = new EngineClient(stalled())
  const waiting = Array.from({ length: 6 }, () => engine.run(route, callWith(megabyte), undefined))
  await setImmediate()
  const refused = await engine.run(route, callWith({}), undefined)
  expect(refused.answer).toEqual({ code: 'UNAVAILABLE', headers: { 'retry-after': '1' } })
  const monitoring = engine.run(metrics, callWith(undefined), undefined)
  const first = await Promise.race([...waiting, monitoring, setImmediate('all wait')])
  expect(first).toBe('all wait')
})

const idle = {
  count: async () => ({ totalHits: 1, resetAt: undefined }),
  states: async () => ({ now: '', products: [] }),
}

test('the engine does not run requests of a worker that does not take its answers', async () => {
  let ran = 0
  const work = {
    ...idle,
    places: new Places(1),
    async run(_question: RouteQuestion) {
      ran += 1
      return { answer: { status: 200, contentType: 'application/json', content: megabyte } }
    },
  }
  const link = stalled()
  new WorkerLink(link, work)
  const ask = async (id: number) => {
    link.emit('data', encodeFrame([{ id, route: 'getProduct', caller: {} }]))
    await setImmediate()
    await setImmediate()
  }
  for (let id = 1; id <= 20; id += 1) await ask(id)
  expect(ran).toBe(16)
})

test('a question that fails, or an answer that cannot travel, is answered with a problem', async () => {
  const answers: Answer[] = []
  const [toEngine, toWorker] = [new PassThrough(), new PassThrough()]
  const link = Duplex.from({ readable: toEngine, writable: toWorker })
  const reader = new FrameReader()
  toWorker.on('data', (chunk: Buffer) => {
    for (const { messages } of reader.read(chunk)) answers.push(...(messages as Answer[]))
  })
  new WorkerLink(link, {
    ...idle,
    places: new Places(1),
    states: async () => {
      throw new Error('the database is away')
    },
    run: async ({ route: name }) => {
      if (name === 'getFile') return { answer: { status: 200, contentType: 'text/html', file: '/page' } }
      throw new Error('a bug')
    },
  })
  toEngine.write(
    encodeFrame([
      { id: 1, route: 'getFile', caller: {} },
      { id: 2, route: 'getProduct', caller: {} },
      { id: 3, productIds: ['tea'] },
    ]),
  )
  await expect.poll(() => answers.length).toBe(3)
  const told = answers.map((answer) =>
    'problem' in answer ? [answer.id, answer.problem.code, answer.problem.cause] : [],
  )
  expect(told).toEqual([
    [1, 'INTERNAL', expect.objectContaining({ message: expect.stringContaining('cannot travel') })],
    [2, 'INTERNAL', expect.objectContaining({ type: 'Error', message: 'a bug', stack: expect.any(String) })],
    [3, 'INTERNAL', expect.objectContaining({ message: 'the database is away' })],
  ])
})

test('places of a worker that has ended are free again', () => {
  const places = new Places(2)
  const link = stalled()
  const worker = new WorkerLink(link, {
    ...idle,
    places,
    run: async () => ({ answer: { code: 'NOT_FOUND' } }),
  })
  link.emit('data', encodeFrame([1, 2, 3].map((id) => ({ id, place: 'take' }))))
  expect(places.taken).toBe(2)
  link.emit('data', encodeFrame([{ id: 4, place: 'give' }]))
  expect(places.taken).toBe(1)
  worker.release()
  expect(places.taken).toBe(0)
})
