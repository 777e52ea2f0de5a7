import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import express from 'express'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { HttpListener } from '../../src/server/http-listener.js'

const requests = (count: number): string => 'GET /never HTTP/1.1\r\nHost: shop\r\n\r\n'.repeat(count)

test('a connection with unanswered requests is cut off after the grace, and counted once', async () => {
  let asked = 0
  const app = express().get('/never', () => {
    asked += 1
  })
  const listener = new HttpListener(app, pino({ level: 'silent' }))
  const { port } = await listener.listen(0, '127.0.0.1')
  const lost = connect(port, '127.0.0.1')
  lost.write(requests(3))
  await expect.poll(() => asked).toBe(3)
  lost.destroy()
  const waiting = connect(port, '127.0.0.1').on('error', () => {})
  waiting.write(requests(2))
  await expect.poll(() => asked).toBe(5)
  expect(await listener.close(50)).toBe(1)
  waiting.destroy()
})

test('connections beyond the limit are closed, with one warning in the log', async () => {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const listener = new HttpListener(express(), logger, { maxConnections: 2 })
  const { port } = await listener.listen(0, '127.0.0.1')
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  for (let n = 0; n < 3; n += 1) await once(connect(port, '127.0.0.1').resume(), 'close')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ connections: 2, msg: 'new connections are refused: the limit is reached' }),
  ])
  sockets[0]?.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n')
  expect(String((await once(sockets[0] as Socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 404 /)
  for (const socket of sockets) socket.destroy()
  await listener.close(50)
})

/** Connects so often, counts the connections, and reports all answers. */
const clients = `
  const { connect } = require('node:net')
  const { parentPort, workerData: { port, established, count } } = require('node:worker_threads')
  const ask = () => new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => {
      Atomics.add(established, 0, 1)
      Atomics.notify(established, 0)
      socket.write('GET / HTTP/1.1\\r\\nHost: shop\\r\\nConnection: close\\r\\n\\r\\n')
    })
    socket.on('data', (text) => { answer += text }).on('error', () => {}).on('close', () => resolve(answer))
  })
  Promise.all(Array.from({ length: count }, ask)).then((answers) => parentPort.postMessage(answers))
`

test('a stop answers connections that the system has established and the server has not yet accepted', async () => {
  const app = express().get('/', (_, response) => void response.end('served'))
  const listener = new HttpListener(app, pino({ level: 'silent' }))
  const { port } = await listener.listen(0, '127.0.0.1')
  const established = new Int32Array(new SharedArrayBuffer(4))
  const count = 3
  const worker = new Worker(clients, { eval: true, workerData: { port, established, count } })
  const answers = once(worker, 'message')
  // This thread accepts nothing while it waits.
  for (let seen = 0; seen < count; seen = Atomics.load(established, 0)) Atomics.wait(established, 0, seen, 10_000)
  await listener.close(5_000)
  expect((await answers)[0]).toEqual(
    Array.from({ length: count }, () => expect.stringMatching(/ 200 OK[\s\S]*served$/)),
  )
})
