/** What goes between a process and the one that started it. */
export interface Question {
  readonly number: number
  readonly question: unknown
}

export type Answer = { readonly number: number } & ({ readonly answer: unknown } | { readonly error: string })
