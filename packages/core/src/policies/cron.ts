const names = {
  month: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  weekday: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
}

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly words?: readonly string[]
}

const fields: readonly Field[] = [
  { name: 'second', from: 0, to: 59 },
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, words: names.month },
  { name: 'day of the week', from: 0, to: 7, words: names.weekday },
]

const isLegal = (part: string, { from, to, words = [] }: Field): boolean => {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/i.exec(part)
  if (!match) return false
  const [, first = '', last, step] = match
  const inRange = (text: string) =>
    words.includes(text.toLowerCase()) || (/^\d+$/.test(text) && +text >= from && +text <= to)
  if (step !== undefined && +step < 1) return false
  if (first === '*') return last === undefined
  return inRange(first) && (last === undefined || (inRange(last) && (Number.isNaN(+first) || +last >= +first)))
}

/** The error of a cron expression of five fields (six with seconds in front), or undefined. */
export const cronProblem = (expression: string): string | undefined => {
  const parts = expression.trim().split(/\s+/)
  if (parts.length !== 5 && parts.length !== 6) return 'must be a cron expression of five fields, or six with seconds'
  const offset = fields.length - parts.length
  const wrong = parts.findIndex((part, index) =>
    part.split(',').some((each) => !isLegal(each, fields[index + offset] as Field)),
  )
  return wrong < 0 ? undefined : `has a wrong ${fields[wrong + offset]?.name}: ${parts[wrong]}`
}
