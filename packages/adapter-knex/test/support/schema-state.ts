import type { Knex } from 'knex'

/** Columns, constraints and indexes of all tables. */
export const catalogue = async (knex: Knex): Promise<readonly string[]> => {
  const { rows } = await knex.raw(
    `select concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) as text
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'shop'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
     union all select concat_ws(' ', r.relname, c.conname, pg_get_constraintdef(c.oid))
     from pg_constraint c join pg_class r on r.oid = c.conrelid
     where c.connamespace = 'shop'::regnamespace and c.contype <> 'n'
     union all select indexdef from pg_indexes where schemaname = 'shop' order by 1`,
  )
  return rows.map(({ text }: { text: string }) => text)
}

/** Indexes that are not built, and constraints that are not checked on all rows. */
export const unfinished = async (knex: Knex): Promise<readonly string[]> => {
  const { rows } = await knex.raw(
    `select c.relname::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'shop'::regnamespace and not i.indisvalid
     union all select conname::text from pg_constraint where connamespace = 'shop'::regnamespace and not convalidated`,
  )
  return rows.map(({ name }: { name: string }) => name)
}
