import type { CustomRefusals, RefusalCode } from '@shop/core'
import { problemKinds } from './problem-codes.js'
import type { ProblemKind } from './problem-kind.js'

/** How a refusal of the host's is answered. */
export interface CustomProblem {
  /** The HTTP status: 400 to 599. */
  readonly status: number
  /** A short English text that is the same for every occurrence. */
  readonly title: string
  /** What `detail` says, by language. Plain text. */
  readonly detail: { readonly en: string; readonly ko: string }
}

/** How the codes of `CustomRefusals` are answered. */
export type CustomProblems = Readonly<Partial<Record<keyof CustomRefusals, CustomProblem>>>

/** HTTP statuses that the embedding application overrides, by problem code. */
export type ProblemStatus = Partial<Record<RefusalCode, number>>

/** The problems that a server answers with, by code, in the order of precedence. */
export type ProblemTable = Readonly<Record<string, ProblemKind>>

interface TableOptions {
  readonly problems?: CustomProblems | undefined
  readonly problemStatus?: ProblemStatus | undefined
}

/** The problems of every server and those of its host, with the statuses that the host overrides. */
export const problemTable = ({ problems = {}, problemStatus = {} }: TableOptions = {}): ProblemTable => {
  const { INTERNAL, UNAVAILABLE, ...refusals } = problemKinds
  const own = Object.entries<CustomProblem | undefined>(problems).flatMap(([code, given]) =>
    given ? [[code, { status: given.status, title: given.title, ...given.detail }] as const] : [],
  )
  const statuses: Readonly<Record<string, number | undefined>> = problemStatus
  const kinds = { ...refusals, ...Object.fromEntries(own), INTERNAL, UNAVAILABLE }
  return Object.fromEntries(
    Object.entries<ProblemKind>(kinds).map(([code, kind]) => [
      code,
      { ...kind, status: statuses[code] ?? kind.status },
    ]),
  )
}

/** The kind of a code that {@link isKnown}. */
export const kindOf = (table: ProblemTable, code: string): ProblemKind => table[code] as ProblemKind

/** Whether a server knows how to answer a code. */
export const isKnown = (table: ProblemTable, code: string): boolean => Object.hasOwn(table, code)
