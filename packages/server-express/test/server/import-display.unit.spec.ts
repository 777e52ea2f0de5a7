import { expect, test } from 'vitest'
import { ImportDisplay } from '../../src/server/import-display.js'

const shown = (isTTY: boolean, bytes: number | undefined) => {
  const written: string[] = []
  let now = 0
  const output = { isTTY, write: (text: string) => written.push(text) > 0 }
  const display = new ImportDisplay(output, bytes, () => now)
  return {
    written,
    display,
    /** After so many milliseconds. */
    show: (ms: number, lines: number) => {
      now += ms
      display.show({ lines, imported: lines - 1, skipped: 0, bad: 1 })
    },
  }
}

test('a terminal gets a bar that other lines push down', () => {
  const { written, display, show } = shown(true, 1_000)
  display.read(250)
  show(99, 10)
  expect(written).toEqual([])
  show(1, 2_000)
  expect(written.splice(0)).toEqual([
    '\r\u001b[K[######------------------] 25 %, line 2000: imported 1999, skipped 0, bad 1, 20000 lines/s',
  ])
  display.print('line 7: is not JSON')
  expect(written.splice(0)).toEqual(['\r\u001b[K', 'line 7: is not JSON\n'])
  display.end()
  expect(written).toEqual([])
})

test('a log gets a line every five seconds', () => {
  const { written, display, show } = shown(false, 1_000)
  display.read(999)
  show(4_999, 10)
  expect(written).toEqual([])
  show(1, 100)
  show(4_999, 200)
  display.print('line 7: is not JSON')
  show(1, 300)
  display.end()
  expect(written).toEqual([
    '99 %, line 100: imported 99, skipped 0, bad 1, 20 lines/s\n',
    'line 7: is not JSON\n',
    '99 %, line 300: imported 299, skipped 0, bad 1, 30 lines/s\n',
  ])
})

test.each([[undefined], [0]])('an input of %j bytes has no share', (bytes) => {
  const { written, show } = shown(true, bytes)
  show(1_000, 5)
  expect(written).toEqual(['\r\u001b[Kline 5: imported 4, skipped 0, bad 1, 5 lines/s'])
})
