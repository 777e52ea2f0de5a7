/** Messages between a process and its parent. */
export interface Question {
  readonly number: number
  readonly question: unknown
}

export type Answer = { readonly number: number } & ({ readonly answer: unknown } | { readonly error: string })
