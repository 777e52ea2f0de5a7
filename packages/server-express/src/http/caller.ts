/** Who sent a request. */
export interface Caller {
  /** The user it acts for; with authentication off, the user that the request names. */
  readonly userId: string
  readonly isAdministrator: boolean
}
