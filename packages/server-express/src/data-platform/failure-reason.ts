/** Descriptions of error codes of `fetch`, the system and TLS. */
const descriptions: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens on this address',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while sending',
  ETIMEDOUT: 'timed out connecting',
  EHOSTUNREACH: 'the host is unreachable',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  EPROTO: 'TLS failed: does the URL need http://?',
  UND_ERR_SOCKET: 'the connection was closed before a response',
  UND_ERR_CONNECT_TIMEOUT: 'timed out connecting',
  UND_ERR_HEADERS_TIMEOUT: 'timed out waiting for a response',
  UND_ERR_BODY_TIMEOUT: 'timed out reading the response',
  UND_ERR_HEADERS_OVERFLOW: 'the response headers are too large',
  HPE_HEADER_OVERFLOW: 'the response headers are too large',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain contains an untrusted self-signed certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate was issued by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate was issued by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for a different host name',
}

/** Descriptions by code prefix. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^HPE_/, 'the response is not HTTP'],
  [/^ERR_(SSL|TLS)_/, 'TLS failed'],
  [/^CERT_/, 'its certificate is not valid'],
]

const describe = (code: string): string | undefined =>
  Object.hasOwn(descriptions, code) ? descriptions[code] : families.find(([family]) => family.test(code))?.[1]

const chain = (error: unknown): readonly Error[] => (error instanceof Error ? [error, ...chain(error.cause)] : [])

/**
 * Describes why a request failed, followed by the error code. `fetch failed` alone says nothing, so the causes
 * are searched.
 */
export const failureReason = (error: unknown): string => {
  const errors = chain(error)
  const codes = errors.map((each) => (each as { code?: unknown }).code)
  // The cause of an abort says why it was aborted.
  const code = codes.find((each): each is string => typeof each === 'string' && each !== 'ABORT_ERR')
  if (code === undefined) return errors.findLast(({ message }) => message !== '')?.message ?? String(error)
  const description = describe(code)
  return description === undefined ? code : `${description} (${code})`
}
