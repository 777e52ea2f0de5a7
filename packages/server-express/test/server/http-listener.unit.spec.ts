import { connect } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { HttpListener } from '../../src/server/http-listener.js'

const requests = (count: number): string => 'GET /never HTTP/1.1\r\nHost: shop\r\n\r\n'.repeat(count)

test('requests that waited behind one another go with their connection', async () => {
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
  expect(await listener.close(50)).toBe(2)
  waiting.destroy()
})
