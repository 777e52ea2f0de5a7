const mask = '[secret]'

/** Texts without any of these hold no secret that has a form. */
const suspicious = /:\/\/|eyJ|whsec_|bearer|pass|pwd|secret|token|signature|key/i

/** What may be one URL or token. Quotes and backslashes belong to the JSON around it. */
const word = /[^\s"\\]+/g

/** `password=…` and the like, in a query, a connection string or a message. */
const assignment = /(pass(?:word|wd|phrase)?|pwd|secret|token|signature|key)=[^\s"'`<>\\&;,]+/gi

/** `"password":"…"` in JSON, and in JSON that is a text in JSON. */
const member = /(pass(?:word|wd|phrase)?|pwd|secret|token|signature)":"(?:[^"\\]|\\.)*"/gi
const innerMember = /(pass(?:word|wd|phrase)?|pwd|secret|token|signature)\\":\\"[^"\\]*/gi

const bearer = /\b(bearer)\s+[^\s"'`<>\\]+/gi

/**
 * Of a URL, scheme, host and path are left. What stands before the last `@` is taken for user and password, because a password
 * may hold an `@`, a `/` or a `?` that nobody has escaped; of several URLs in one word that hides all but the last. A URL
 * without a host, as files have, has no user either.
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
 * The text without what has the form of a secret: users, passwords and queries of URLs, bearer tokens, JWTs, signing secrets and
 * what is assigned to a name like `password`. Takes time in proportion to the length, whatever the text.
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
