/** The tables are not there or not up to date, and this server was told not to migrate them. */
export class NotMigrated extends Error {
  override readonly name = 'NotMigrated'

  constructor(schema: string, pending: readonly string[]) {
    super(
      `the schema ${schema} lacks ${pending.join(', ')}: run migrate(knex) of @shop/adapter-knex, or let a server migrate`,
    )
  }
}
