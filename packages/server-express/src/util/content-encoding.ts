/** True where a Content-Encoding header says that bytes are not what they are: compressed, most often. */
export const isEncoded = (header: string | undefined): boolean =>
  header !== undefined && header.trim().toLowerCase() !== 'identity'
