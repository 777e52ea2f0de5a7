/** Whether a Content-Encoding header says that the body is encoded, usually compressed. */
export const isEncoded = (header: string | undefined): boolean =>
  header !== undefined && header.trim().toLowerCase() !== 'identity'
