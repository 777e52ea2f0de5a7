/** Standard Webhooks asks receivers to answer within 15 to 30 seconds. */
export const defaultTimeoutMs = 15_000
