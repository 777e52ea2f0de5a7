import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ImportLines, maxLineBytes, type NumberedLine, readLines } from '../../src/shop/import/read-lines.js'

const read = async (lines: ImportLines): Promise<readonly NumberedLine[]> => {
  const all: NumberedLine[] = []
  for await (const some of readLines(lines)) all.push(...some)
  return all
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The bytes in parts, which all use one buffer, as readers of files may. */
function* inParts(all: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(1, ...sizes))
  for (let at = 0, turn = 0; at < all.length; turn += 1) {
    const part = all.subarray(at, at + (sizes[turn % sizes.length] as number))
    buffer.set(part)
    yield buffer.subarray(0, part.length)
    at += part.length
  }
}

describe('reading lines', () => {
  it('numbers texts, objects and lines of bytes from 1, and counts empty ones', async () => {
    expect(await read(['a', '', { b: 1 }, bytes('c\r\n\n  \nd\ne'), 'f', bytes('g')])).toEqual([
      { line: 1, text: 'a' },
      { line: 3, value: { b: 1 } },
      { line: 4, text: 'c\r' },
      { line: 7, text: 'd' },
      { line: 8, text: 'e' },
      { line: 9, text: 'f' },
      { line: 10, text: 'g' },
    ])
  })

  it('finds the same lines however the bytes are split', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('', '한국어 ☕️', '\ud83d\ude00'))),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.boolean(),
        async (texts, sizes, ends) => {
          const lines = texts.map((text) => text.replaceAll('\n', ' '))
          const found = await read(inParts(bytes(lines.join('\n') + (ends ? '\n' : '')), sizes))
          const due = lines.map((text, index) => ({ line: index + 1, text })).filter(({ text }) => text.trim() !== '')
          // What UTF-8 cannot hold travels as a replacement.
          expect(found).toEqual(due.map(({ line, text }) => ({ line, text: Buffer.from(text).toString() })))
        },
      ),
    ))

  it('leaves out the mark at the beginning of a file', async () => {
    expect(await read([bytes('\ufeff{}\n')])).toEqual([{ line: 1, text: '{}' }])
  })

  it('refuses lines above the limit and goes on, and keeps a line at the limit', async () => {
    const full = 'x'.repeat(maxLineBytes)
    const problem = 'is longer than 1048576 bytes'
    const wide = '한'.repeat(Math.ceil(maxLineBytes / 3))
    const found = await read([full, `${full}x`, wide, bytes(`${full}\n`), bytes(`${full}x\n`), 'y'])
    expect(found.map((each) => ('problem' in each ? each : { line: each.line }))).toEqual([
      { line: 1 },
      { line: 2, problem },
      { line: 3, problem },
      { line: 4 },
      { line: 5, problem },
      { line: 6 },
    ])
    expect(await read(inParts(bytes(`a\n${full.repeat(3)}\nb\n`), [65_536]))).toEqual([
      { line: 1, text: 'a' },
      { line: 2, problem },
      { line: 3, text: 'b' },
    ])
    expect(await read(inParts(bytes(`a\n${full}x`), [65_536]))).toMatchObject([{ line: 1 }, { line: 2, problem }])
  })

  it('refuses bytes that are not UTF-8 and goes on', async () => {
    expect(await read([new Uint8Array([0x61, 0xff, 0x0a, 0x62])])).toEqual([
      { line: 1, problem: 'is not UTF-8' },
      { line: 2, text: 'b' },
    ])
  })
})
