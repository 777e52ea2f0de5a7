/** Who sent a request. */
export interface Caller {
  /** The user it acts for; with authentication off, whoever the request names. */
  readonly userId: string
  readonly isAdministrator: boolean
}
