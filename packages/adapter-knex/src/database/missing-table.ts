import { tableNames } from './names.js'

/** The SQLSTATEs of a missing table and of a missing schema. */
const missing = /^(42P01|3F000)$/

const ours = new RegExp(`[\\w$]+"?\\."?(${tableNames.join('|')})(?!\\w)`)

/** The message for a missing table of the shop. The server's own message may be in any language. Undefined for others. */
export const missingTable = (code: string | undefined, message: string): string | undefined => {
  if (code === undefined || !missing.test(code)) return undefined
  const [table] = ours.exec(message) ?? []
  return table && `table ${table.replaceAll('"', '')} is missing: run migrate(knex)`
}
