import { describe, expect, it } from 'vitest'
import { cronProblem } from '../../src/policies/cron.js'

describe('a cron expression', () => {
  it.each([
    '* * * * *',
    '*/15 * * * *',
    '0 0 * * *',
    '  0   0 * *  * ',
    '0,15,30,45 9-17 * * 1-5',
    '0 0 1 JAN mon',
    '0 0 1 jan-mar fri-mon',
    '59 23 31 12 7',
    '0 0 * * 0',
    '30 */15 * * * *',
    '5/10 * * * *',
    '1-30/2 * * * *',
    '*/1 * * * *',
    '5-5 * * * *',
  ])('%j is right', (expression) => {
    expect(cronProblem(expression)).toBeUndefined()
  })

  it.each([
    ['60 * * * *', 'has a wrong minute: 60'],
    ['-1 * * * *', 'has a wrong minute: -1'],
    ['*/0 * * * *', 'has a wrong minute: */0'],
    ['30-10 * * * *', 'has a wrong minute: 30-10'],
    ['*-5 * * * *', 'has a wrong minute: *-5'],
    ['1,,2 * * * *', 'has a wrong minute: 1,,2'],
    ['1.5 * * * *', 'has a wrong minute: 1.5'],
    ['1e1 * * * *', 'has a wrong minute: 1e1'],
    ['0x10 * * * *', 'has a wrong minute: 0x10'],
    ['jan * * * *', 'has a wrong minute: jan'],
    ['* 24 * * *', 'has a wrong hour: 24'],
    ['* * 0 * *', 'has a wrong day of the month: 0'],
    ['* * 32 * *', 'has a wrong day of the month: 32'],
    ['* * * 13 *', 'has a wrong month: 13'],
    ['* * * mon *', 'has a wrong month: mon'],
    ['* * * * 8', 'has a wrong day of the week: 8'],
    ['* * * * jan', 'has a wrong day of the week: jan'],
    ['60 * * * * *', 'has a wrong second: 60'],
  ])('%j %s', (expression, problem) => {
    expect(cronProblem(expression)).toBe(problem)
  })

  it('may name every month and every day of the week', () => {
    const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
    const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
    expect(months.filter((month) => cronProblem(`0 0 1 ${month} *`) !== undefined)).toEqual([])
    expect(days.filter((day) => cronProblem(`0 0 * * ${day}`) !== undefined)).toEqual([])
  })

  it.each(['', '* * * *', '* * * * * * *', '@daily', 'every minute'])(
    '%j does not have five or six fields',
    (expression) => {
      expect(cronProblem(expression)).toBe('must be a cron expression of five fields, or six with seconds')
    },
  )
})
