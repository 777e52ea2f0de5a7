/** Decodes percent-encoding. Undefined for a text that cannot be decoded. */
export const decodePercent = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
