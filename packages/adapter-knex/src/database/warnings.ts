import type { PgConnection } from './session.js'

const warned = new WeakSet<PgConnection>()

/** Remembers that the server has warned of something: of a commit, its answer does not say so. */
export const heedWarnings = (connection: PgConnection): void => {
  connection.on('notice', ({ code }) => {
    // By code, because the text may be in any language: those of class 00 are information.
    if (code === undefined || !code.startsWith('00')) warned.add(connection)
  })
}

/** Whether there was a warning since this was last asked. */
export const hasWarned = (connection: PgConnection): boolean => warned.delete(connection)
