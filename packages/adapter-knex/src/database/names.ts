export const tableNames = [
  'wallets',
  'wallet_entries',
  'products',
  'product_views',
  'holds',
  'coupons',
  'issued_coupons',
  'orders',
  'payments',
  'events',
  'outcomes',
  'fences',
  'rankings',
  'daily_sales',
  'sales_zone',
  'groups',
  'leases',
] as const

/** Our tables with their schema, quoted: what SQL templates are filled with. */
export type Names = Readonly<Record<(typeof tableNames)[number], string>>

export const defaultSchema = 'shop'

/** The schema as an SQL identifier. Throws a TypeError for a name that is not a plain one. */
export const quoteSchema = (schema: string): string => {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema) || /^pg_/i.test(schema)) {
    throw new TypeError(`not a name for a schema: ${JSON.stringify(schema)}`)
  }
  return `"${schema}"`
}

export const namesIn = (schema: string): Names => {
  const quoted = quoteSchema(schema)
  return Object.fromEntries(tableNames.map((name) => [name, `${quoted}.${name}`])) as Names
}
