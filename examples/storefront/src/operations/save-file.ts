/** Saves a file that was read with the token, as a link to it would without. */
export const saveFile = (content: Blob, name: string): void => {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Chromium reads the file after the click: the address stays valid until then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
