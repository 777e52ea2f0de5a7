/** One wrong environment variable: its name and why. */
export interface ConfigIssue {
  readonly variable: string
  readonly reason: string
}

/** An environment that the server cannot start with. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly issues: readonly ConfigIssue[]

  constructor(issues: readonly ConfigIssue[]) {
    super(issues.map(({ variable, reason }) => `${variable} ${reason.replace(/\s+/g, ' ')}`).join('\n'))
    this.issues = issues
  }
}
