/** One invalid environment variable, with the reason. */
export interface ConfigIssue {
  readonly variable: string
  readonly reason: string
}

/** The server cannot start with this environment. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly issues: readonly ConfigIssue[]

  constructor(issues: readonly ConfigIssue[]) {
    super(issues.map(({ variable, reason }) => `${variable} ${reason.replace(/\s+/g, ' ')}`).join('\n'))
    this.issues = issues
  }
}
