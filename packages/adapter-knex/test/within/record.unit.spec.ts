import { expect, test } from 'vitest'
import { parseRecord, queryAsRecords } from '../../src/within/record.js'

test.each([
  ['()', [null]],
  ['(1)', ['1']],
  ['(1,,t)', ['1', null, 't']],
  ['(,)', [null, null]],
  ['("",x)', ['', 'x']],
  ['("a""b","c\\\\d","(e,f)")', ['a"b', 'c\\d', '(e,f)']],
  ['("""","\\\\",)', ['"', '\\', null]],
  ['("line\nbreak","[""x"", null]")', ['line\nbreak', '["x", null]']],
])('reads the record %s', (record, fields) => {
  expect(parseRecord(record)).toEqual(fields)
})

test('refuses what is no record', () => {
  expect(() => parseRecord('[1]')).toThrow(TypeError)
})

test('asks for records only where rows are used', async () => {
  const sent: string[] = []
  const query = queryAsRecords(
    async (text) => {
      sent.push(text)
      return [{ record: '(1,)' }]
    },
    async (text) => sent.push(text),
  )
  expect(await query('select 1, null', [])).toEqual([['1', null]])
  expect(await query('with clock as materialized (select 1) select 1, null', [])).toEqual([['1', null]])
  const plain = [
    'savepoint shop',
    'with a as (insert into t values (1)) select 1',
    'with a as (update t set x = 1) select 1',
  ]
  for (const text of plain) expect(await query(text, [])).toEqual([])
  expect(sent.slice(2)).toEqual(plain)
  expect(sent.slice(0, 2).every((text) => text.includes('::text as record'))).toBe(true)
})
