const mask = '[secret]'

/** A text without any of these contains no recognisable secret. */
const suspicious = /:\/\/|eyJ|whsec_|bearer|pass|pwd|secret|token|signature|key/i

/** A run of characters that may be a URL or a token. Quotes and backslashes belong to the surrounding JSON. */
const word = /[^\s"\\]+/g

/** `password=…` and the like, in a query, a connection string or a message. */
const assignment = /(pass(?:word|wd|phrase)?|pwd|secret|token|signature|key)=[^\s"'`<>\\&;,]+/gi

/** `"password":"…"` in JSON, and in JSON inside a JSON string. */
const member = /(pass(?:word|wd|phrase)?|pwd|secret|token|signature)":"(?:[^"\\]|\\.)*"/gi
const innerMember = /(pass(?:word|wd|phrase)?|pwd|secret|token|signature)\\":\\"[^"\\]*/gi

const bearer = /\b(bearer)\s+[^\s"'`<>\\]+/gi

/**
 * Keeps scheme, host and path of a URL. Masks everything before the last `@`: a password may contain an
 * unescaped `@`, `/` or `?`. If one word contains several URLs, only the last one stays readable. A URL without
 * a host, such as a file URL, has no user.
 */
const maskUrl = (text: string, start: number): string => {
  const at = text[start] === '/' ? -1 : text.lastIndexOf('@')
  const from = Math.max(start, at + 1)
  const query = text.slice(from).search(/[?#]/)
  const place = query < 0 ? text.slice(from) : `${text.slice(from, from + query + 1)}${mask}`
  return `${text.slice(0, start)}${at < start ? '' : `${mask}@`}${place}`
}

const maskFrom = (text: string, start: number): string => (start < 0 ? text : text.slice(0, start) + mask)

const maskWord = (text: string): string => {
  const scheme = text.indexOf('://')
  const plain = scheme < 0 ? text : maskUrl(text, scheme + 3)
  const token = plain.indexOf('eyJ')
  return maskFrom(maskFrom(plain, plain.indexOf('.', token) < 0 ? -1 : token), plain.indexOf('whsec_'))
}

/**
 * Masks recognisable secrets in a text: users, passwords and queries of URLs, bearer tokens, JWTs, signing
 * secrets, and values assigned to a name like `password`. Takes linear time for any text.
 */
export const maskSecrets = (text: string): string =>
  suspicious.test(text)
    ? text
        .replace(bearer, `$1 ${mask}`)
        .replace(member, `$1":"${mask}"`)
        .replace(innerMember, `$1\\":\\"${mask}`)
        .replace(word, maskWord)
        .replace(assignment, `$1=${mask}`)
    : text
