import type { AnyCommand, Guard } from '@shop/core/commands'
import { isObject, text } from '../util/option-check.js'
import type { CommandRoute } from './command-route.js'
import { problemKinds } from './problem-codes.js'
import { isKnown, type ProblemTable } from './problem-table.js'

const isStatus = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599

const faultOf = (code: string, problem: unknown): string | undefined => {
  if (!/^[A-Z][A-Z0-9_]*$/.test(code)) return ' is not a code: A-Z, 0-9 and _'
  if (Object.hasOwn(problemKinds, code))
    return ' is a code of the shop: problemStatus changes its status, and its texts stay'
  if (!isObject(problem)) return ' must be { status, title, detail: { en, ko } }'
  const { status, title, detail, ...more } = problem
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) return `.${unknown} is not one of status, title, detail`
  if (!isStatus(status)) return '.status must be a whole number from 400 to 599'
  const wrong = text(title)
  if (wrong !== undefined) return `.title ${wrong}`
  return isObject(detail) && !text(detail['en']) && !text(detail['ko'])
    ? undefined
    : '.detail must be { en, ko }, two non-empty strings'
}

/** What is wrong with the problems of a host; it begins with the code. */
export const problemsFault = (problems: unknown): string | undefined => {
  if (!isObject(problems)) return 'must be an object with codes of refusals'
  for (const [code, problem] of Object.entries(problems)) {
    const fault = faultOf(code, problem)
    if (fault !== undefined) return `.${code}${fault}`
  }
  return undefined
}

interface Declaring {
  readonly guards?: readonly Guard[] | undefined
  readonly commands?: readonly CommandRoute[] | undefined
}

/** @throws TypeError for a code that a guard or a command of the host declares and that no problem answers. */
export const checkDeclared = (table: ProblemTable, { guards = [], commands = [] }: Declaring): void => {
  const check = (codes: AnyCommand['refusals'], source: string) => {
    const missing = codes?.find((code) => !isKnown(table, code))
    if (missing !== undefined)
      throw new TypeError(
        `createServer: problems.${missing} is missing: ${source} refuses with it; give { status, title, detail: { en, ko } }`,
      )
  }
  for (const { command, rule } of guards) check(rule.refusals, `a guard of ${command}`)
  for (const { command, refusals = [] } of commands)
    check([...refusals, ...(command.refusals ?? [])], `the command ${command.name}`)
}
