interface Warning {
  on(event: 'notice', listener: (notice: { readonly code?: string }) => void): unknown
}

const warned = new WeakSet<Warning>()

/** Remembers that the server has warned of something: of a commit, its answer does not say so. */
export const heedWarnings = (connection: Warning): void => {
  connection.on('notice', ({ code }) => {
    // By code, because the text may be in any language: those of class 00 are information.
    if (code === undefined || !code.startsWith('00')) warned.add(connection)
  })
}

/** Whether there was a warning since this was last asked. */
export const hasWarned = (connection: Warning): boolean => warned.delete(connection)
