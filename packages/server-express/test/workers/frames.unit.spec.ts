import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { encodeFrame, type Frame, FrameReader, FrameWriter } from '../../src/workers/frames.js'

const shown = ({ messages, contents }: Frame) => ({ messages, contents: contents.toString() })

test('frames arrive whole, wherever the stream is cut', () => {
  const frames = [
    encodeFrame([{ id: 1 }, { id: 2, name: '한정판 "스니커즈"' }], ['{"a":1}', '{"값":"é"}']),
    encodeFrame([{ id: 3 }]),
    encodeFrame([], []),
  ]
  const bytes = Buffer.concat(frames)
  for (let size = 1; size <= bytes.length; size += 1) {
    const reader = new FrameReader()
    const read: Frame[] = []
    for (let from = 0; from < bytes.length; from += size) read.push(...reader.read(bytes.subarray(from, from + size)))
    expect(read.map(shown)).toEqual([
      { messages: [{ id: 1 }, { id: 2, name: '한정판 "스니커즈"' }], contents: '{"a":1}{"값":"é"}' },
      { messages: [{ id: 3 }], contents: '' },
      { messages: [], contents: '' },
    ])
  }
})

test('messages of one turn travel together', async () => {
  const stream = new PassThrough()
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const writer = new FrameWriter(stream)
  writer.send({ id: 1 })
  await Promise.resolve()
  writer.send({ id: 2, bytes: 2 }, '{}')
  await setImmediate()
  writer.send({ id: 3 })
  await setImmediate()
  const frames = chunks.map((chunk) => new FrameReader().read(chunk).map(shown))
  expect(frames).toEqual([
    [{ messages: [{ id: 1 }, { id: 2, bytes: 2 }], contents: '{}' }],
    [{ messages: [{ id: 3 }], contents: '' }],
  ])
})

test('nothing is written to a stream that has ended', async () => {
  const stream = new PassThrough()
  const writer = new FrameWriter(stream)
  stream.destroy()
  writer.send({ id: 1 })
  await setImmediate()
  expect(stream.readableLength).toBe(0)
})
