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
  'recent_sales',
  'sales_of_days',
  'sales_zone',
  'groups',
  'leases',
  'permanent_references',
  'repairs',
  'history_losses',
] as const

/** The shop's tables with their schema, quoted for SQL. */
export type Names = Readonly<Record<(typeof tableNames)[number], string>>

export const defaultSchema = 'shop'

/** Quotes a schema for SQL. Throws a TypeError for other names than plain ones. */
export const quoteSchema = (schema: string): string => {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema) || /^pg_/i.test(schema)) {
    throw new TypeError(`not a valid schema name: ${JSON.stringify(schema)}`)
  }
  return `"${schema}"`
}

export const namesIn = (schema: string): Names => {
  const quoted = quoteSchema(schema)
  return Object.fromEntries(tableNames.map((name) => [name, `${quoted}.${name}`])) as Names
}
