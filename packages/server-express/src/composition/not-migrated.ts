/** The tables are missing or outdated, and migration by this server is off. */
export class NotMigrated extends Error {
  override readonly name = 'NotMigrated'

  constructor(schema: string, pending: readonly string[]) {
    super(
      `the schema ${schema} lacks ${pending.join(', ')}: run migrate(knex) of @shop/adapter-knex, or let a server migrate`,
    )
  }
}
