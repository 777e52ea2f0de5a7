import type { Write } from './parameters.js'

/** The row by which a group is found again if its commit is in doubt. */
export const groupWritten = (groupId: string, at: Date): Write => ({
  text: 'insert into shop.groups (group_id, committed, at) values ($1, true, $2)',
  values: [groupId, at],
})
