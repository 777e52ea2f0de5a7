const padded = (value: number): string => String(value).padStart(2, '0')

/** A moment as an input of the reader's time zone shows it, `YYYY-MM-DDThh:mm`. Empty without a moment. */
export const localText = (iso: string | null | undefined): string => {
  if (iso === null || iso === undefined) return ''
  const at = new Date(iso)
  const day = `${at.getFullYear()}-${padded(at.getMonth() + 1)}-${padded(at.getDate())}`
  return `${day}T${padded(at.getHours())}:${padded(at.getMinutes())}`
}

/**
 * The moment that an input shows: ISO 8601 in UTC. Null without one. An input hides seconds, so one that still shows `before`
 * means exactly that moment.
 */
export const isoOf = (text: string, before?: string | undefined): string | null => {
  if (text === '') return null
  return before !== undefined && localText(before) === text ? before : new Date(text).toISOString()
}

/** The next noon of the reader's time zone that is at least ten minutes away. */
export const nextNoon = (now = new Date()): string => {
  const noon = new Date(now)
  noon.setHours(12, 0, 0, 0)
  if (noon.getTime() - now.getTime() < 600_000) noon.setDate(noon.getDate() + 1)
  return localText(noon.toISOString())
}

/** The whole minute that is so many minutes away, or less than one minute more. */
export const inMinutes = (minutes: number, now = Date.now()): string =>
  localText(new Date(Math.ceil(now / 60_000 + minutes) * 60_000).toISOString())
