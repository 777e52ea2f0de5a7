/** The shop refused: `code` says why. */
export interface Refused {
  readonly ok: false
  readonly code: string
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** No answer, or one of a proxy or of a server that stops: whether the request took effect is unknown. */
const isUnclear = (status: number, code: string | undefined): boolean =>
  status >= 500 || code === 'IDEMPOTENCY_IN_PROGRESS'

/**
 * Sends a request until there is a definite answer. All tries carry one key, so the shop acts once, on whatever server the
 * second try arrives. The next click is another request with another key: a refusal is the answer of its key for ever.
 */
export const post = async <Body>(path: string, body: unknown): Promise<{ ok: true; body: Body } | Refused> => {
  const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
  for (let wait = 200; ; wait = Math.min(wait * 2, 5_000)) {
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined)
    const answer = await response?.json().catch(() => undefined)
    if (response && answer && !isUnclear(response.status, answer.code))
      return response.ok ? { ok: true, body: answer } : { ok: false, code: String(answer.code) }
    await pause(wait * (0.5 + Math.random() / 2))
  }
}
