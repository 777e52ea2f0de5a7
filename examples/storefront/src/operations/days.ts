const padded = (value: number): string => String(value).padStart(2, '0')

/** A day of the reader's calendar, `YYYY-MM-DD`. */
const dayOf = (date: Date): string => `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`

/** The day so many days from today. */
export const inDays = (days: number): string => {
  const date = new Date()
  date.setDate(date.getDate() + days)
  return dayOf(date)
}

/** The moment at which a day of the reader's calendar ends. Undefined without a day. */
export const endOfDay = (day: string): string | undefined => {
  const [year, month, date] = day.split('-').map(Number)
  if (year === undefined || month === undefined || date === undefined) return undefined
  return new Date(year, month - 1, date + 1).toISOString()
}

/** Days of a statement, both inclusive, each `YYYY-MM-DD`. */
export interface Range {
  readonly from: string
  readonly to: string
}

export const ranges = ['today', 'yesterday', 'thisMonth', 'lastMonth'] as const

/** A usual range of the reader's calendar. */
export const rangeOf = (name: (typeof ranges)[number]): Range => {
  const now = new Date()
  const firstOf = (month: number) => dayOf(new Date(now.getFullYear(), now.getMonth() + month, 1))
  const lastOf = (month: number) => dayOf(new Date(now.getFullYear(), now.getMonth() + month + 1, 0))
  switch (name) {
    case 'today':
      return { from: inDays(0), to: inDays(0) }
    case 'yesterday':
      return { from: inDays(-1), to: inDays(-1) }
    case 'thisMonth':
      return { from: firstOf(0), to: lastOf(0) }
    case 'lastMonth':
      return { from: firstOf(-1), to: lastOf(-1) }
  }
}
