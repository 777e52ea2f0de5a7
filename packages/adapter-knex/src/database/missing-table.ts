import { tableNames } from './names.js'

/** SQLSTATEs of a table and of a schema that do not exist. */
const missing = /^(42P01|3F000)$/

const ours = new RegExp(`[\\w$]+"?\\."?(${tableNames.join('|')})(?!\\w)`)

/** What to say instead of the server's own words, which may be in any language, where one of our tables is not there. */
export const missingTable = (code: string | undefined, message: string): string | undefined => {
  if (code === undefined || !missing.test(code)) return undefined
  const [table] = ours.exec(message) ?? []
  return table && `table ${table.replaceAll('"', '')} is missing: run migrate(knex)`
}
