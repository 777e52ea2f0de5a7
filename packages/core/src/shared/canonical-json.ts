/** Texts that JSON writes as they are. */
const plainText = /^[ !#-[\]-~]*$/

const textJson = (text: string): string => (plainText.test(text) ? `"${text}"` : JSON.stringify(text))

/**
 * JSON with sorted object members: equal requests have equal texts. A `Date` is its ISO 8601 text, as in
 * `JSON.stringify`.
 */
export const canonicalJson = (value: unknown): string => {
  if (typeof value === 'string') return textJson(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonicalJson(value.toJSON())
  const members = value as Readonly<Record<string, unknown>>
  let text = ''
  for (const name of Object.keys(members).sort()) {
    const member = members[name]
    if (member !== undefined) text += `${text === '' ? '' : ','}${textJson(name)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}
