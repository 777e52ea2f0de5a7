import { isShopProblem } from '@shop/server-express/client'
import { useEffect, useRef, useState } from 'preact/hooks'

/** What is wrong with the fields of a form, in the user's words. */
export type Problems<Name extends string> = Readonly<Partial<Record<Name, string>>>

interface Rules<Name extends string, Typed> {
  readonly typed: Typed
  /** What the page itself can say. */
  check(typed: Typed): Problems<Name>
  /** The field that an error of the server is about. */
  fieldOf(path: string): Name | undefined
  /** The rule of a field. */
  rule(name: Name): string
}

export interface FormProblems<Name extends string> {
  readonly problems: Problems<Name>
  readonly count: number
  /** For the form: the first field that is wrong takes the focus. */
  readonly form: { readonly current: HTMLFormElement | null }
  /** Whether the page finds nothing wrong. From now on the fields say what is. */
  accepts(): boolean
  /** Whether the fields can say all that the server finds wrong. */
  explains(error: unknown): boolean
}

/** The problems of a form: shown from the first attempt to send it on. One of the server's goes when its field changes. */
export const useProblems = <Name extends string, Typed extends object>({
  typed,
  check,
  fieldOf,
  rule,
}: Rules<Name, Typed>): FormProblems<Name> => {
  const form = useRef<HTMLFormElement>(null)
  const [attempts, setAttempts] = useState(0)
  const [refused, setRefused] = useState<readonly { readonly name: Name; readonly value: unknown }[]>([])
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    if (asked > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [asked])
  const typedIn = (name: Name): unknown => (typed as Partial<Record<Name, unknown>>)[name]
  const still = refused.filter(({ name, value }) => typedIn(name) === value)
  const problems: Problems<Name> = {
    ...(Object.fromEntries(still.map(({ name }) => [name, rule(name)])) as Problems<Name>),
    ...(attempts > 0 ? check(typed) : {}),
  }
  return {
    problems,
    count: Object.keys(problems).length,
    form,
    accepts() {
      const isFine = Object.keys(check(typed)).length === 0
      setAttempts(isFine ? 0 : attempts + 1)
      setRefused([])
      if (!isFine) setAsked((count) => count + 1)
      return isFine
    },
    explains(error) {
      if (!isShopProblem(error, 'INVALID_REQUEST')) return false
      const names = (error.document.errors ?? []).map(({ path }) => fieldOf(path))
      const known = names.filter((name) => name !== undefined)
      if (known.length === 0 || known.length < names.length) return false
      setRefused(known.map((name) => ({ name, value: typedIn(name) })))
      setAsked((count) => count + 1)
      return true
    },
  }
}

/** Runs `send`. Errors that the fields can explain are shown there; others are thrown. */
export const explaining = async <T>(form: Pick<FormProblems<string>, 'explains'>, send: () => Promise<T>) => {
  try {
    return await send()
  } catch (error) {
    if (form.explains(error)) return undefined
    throw error
  }
}
