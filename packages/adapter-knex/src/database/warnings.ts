interface NoticeSource {
  on(event: 'notice', listener: (notice: { readonly code?: string }) => void): unknown
}

const warned = new WeakSet<NoticeSource>()

/** Remembers warnings of the server: the result of a commit does not contain them. */
export const heedWarnings = (connection: NoticeSource): void => {
  connection.on('notice', ({ code }) => {
    // By code, because the text may be in any language. Class 00 is information, not a warning.
    if (code === undefined || !code.startsWith('00')) warned.add(connection)
  })
}

/** Whether there was a warning since the last call. */
export const hasWarned = (connection: NoticeSource): boolean => warned.delete(connection)
