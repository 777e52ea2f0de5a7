import { type Migration, run } from './migration.js'

export const lengthOfLeases: Migration = {
  name: '0005_length_of_leases',
  sentence:
    'Keeps the length of a lease beside its end: one that ends further ahead is left from a clock that went back.',
  up: (trx, s) => run(trx, [`alter table ${s}.leases add column length_ms bigint check (length_ms > 0)`]),
  down: (trx, s) => run(trx, [`alter table ${s}.leases drop column length_ms`]),
}
