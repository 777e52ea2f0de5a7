// Preloaded by a server: shifts its clock by TEST_CLOCK_SKEW_MS.
const skew = Number(process.env.TEST_CLOCK_SKEW_MS)
const now = Date.now
globalThis.Date = class extends Date {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now() + skew] : parts))
  }

  static now() {
    return now() + skew
  }
}
