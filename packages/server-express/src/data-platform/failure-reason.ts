/** What `fetch`, the system and TLS say by a code alone. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while the event was sent',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EPROTO: 'TLS failed: does the URL need http://?',
  UND_ERR_SOCKET: 'the connection was closed before there was an answer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no whole answer in time',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too large',
  HPE_HEADER_OVERFLOW: 'the headers of the answer are too large',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
}

/** Whole families of codes. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^HPE_/, 'the answer is not HTTP'],
  [/^ERR_(SSL|TLS)_/, 'TLS failed'],
  [/^CERT_/, 'its certificate is not valid'],
]

const wordsOf = (code: string): string | undefined =>
  Object.hasOwn(words, code) ? words[code] : families.find(([family]) => family.test(code))?.[1]

const chain = (error: unknown): readonly Error[] => (error instanceof Error ? [error, ...chain(error.cause)] : [])

/** Why a request failed, in words, with the code behind them. `fetch failed` alone says nothing: its cause does. */
export const failureReason = (error: unknown): string => {
  const errors = chain(error)
  const codes = errors.map((each) => (each as { code?: unknown }).code)
  // Why an attempt was given up stands in the cause.
  const code = codes.find((each): each is string => typeof each === 'string' && each !== 'ABORT_ERR')
  if (code === undefined) return errors.findLast(({ message }) => message !== '')?.message ?? String(error)
  const said = wordsOf(code)
  return said === undefined ? code : `${said} (${code})`
}
