import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { LogOutput } from '../../src/observability/log-output.js'

/** A stream whose reader consumes one write at a time, when told to. */
const slowStream = () => {
  const texts: string[] = []
  const waiting: (() => void)[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      texts.push(chunk.toString())
      waiting.push(done)
    },
  })
  const readAll = async () => {
    while (waiting.length > 0) {
      waiting.shift()?.()
      await new Promise(setImmediate)
    }
  }
  return { stream, texts, readAll }
}

const line = `${'x'.repeat(999)}\n`

test('lines beyond the buffer of a stalled reader are dropped, and counted once it resumes', async () => {
  const { stream, texts, readAll } = slowStream()
  const output = new LogOutput(stream)
  for (let n = 0; n < 5_000; n += 1) output.write(line)
  expect(stream.writableLength).toBeLessThan(1_050_000)
  await readAll()
  const kept = texts.length
  output.write('on again\n')
  await readAll()
  const [loss = '', next] = texts.slice(kept)
  expect(JSON.parse(loss)).toMatchObject({
    level: 'warn',
    lines: 5_000 - kept,
    msg: expect.stringContaining('dropped'),
  })
  expect(next).toBe('on again\n')
  output.write('and on\n')
  expect(texts.at(-1)).toBe('and on\n')
})

test('flush waits until every line is written', async () => {
  const { stream, readAll } = slowStream()
  const output = new LogOutput(stream)
  output.write(line)
  let isFlushed = false
  const flushing = output.flush().then(() => {
    isFlushed = true
  })
  await new Promise(setImmediate)
  expect(isFlushed).toBe(false)
  await readAll()
  await flushing
})

test('a closed reader causes no error', async () => {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const output = new LogOutput(stream)
  output.write(line)
  await output.flush()
  output.write(line)
  await output.flush()
})
