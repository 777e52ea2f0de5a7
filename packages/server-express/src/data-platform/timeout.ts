/** Standard Webhooks expects receivers to respond within 15 to 30 seconds. */
export const defaultTimeoutMs = 15_000
