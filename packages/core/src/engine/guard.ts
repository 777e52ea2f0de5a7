import type { CallContext } from '../shared/json.js'
import type { Refusal, RefusalCode } from '../shared/refusal.js'
import { mergeKeys } from '../store/key-lists.js'
import type { CommandKeys } from '../store/keys.js'
import { type AnyCommand, type Command, type Context, type Outlines, refuse } from './command.js'
import type { Facts } from './facts.js'
import type { CommandCall } from './outcome.js'

/** What a guard knows beside the rows and the input. */
export interface GuardContext<Told extends object = CallContext> extends Pick<Context, 'now' | 'policies'> {
  /** What the caller told with the call; empty if it told nothing. `Told` is a claim of yours: nothing checks it. */
  readonly context: Partial<Told>
}

/** A house rule for one command. Pure: no clock, no I/O. */
export interface GuardRule<Input, Told extends object = CallContext> {
  /**
   * Whether it decides before the command's own refusals, or after them.
   * @default 'after'
   */
  readonly when?: 'before' | 'after' | undefined
  /**
   * The codes that it refuses with. A server lists them at the routes of the command, and does not start without a text for
   * each.
   * @default none
   */
  readonly refusals?: readonly RefusalCode[] | undefined
  /**
   * The rows that it looks at, beside those of the command. Of orders, `facts.order` shows only those that the command itself
   * names; of others, `facts.orderExists` tells.
   * @default none
   */
  needs?(input: Input, context: { readonly outlines: Outlines; readonly policies: Context['policies'] }): CommandKeys
  /** The refusal, or undefined to let the command pass. */
  refuse(facts: Facts, input: Input, context: GuardContext<Told>): Refusal | undefined
}

/** A rule and the command that it guards. Made by {@link guard}. */
export interface Guard {
  /** The name of the command. */
  readonly command: string
  /** The rule. */
  // biome-ignore lint/suspicious/noExplicitAny: the input of any command
  readonly rule: GuardRule<any, any>
}

/**
 * Makes a guard: a house rule that every call of a command passes, by whichever way it comes. It sees the same rows as the
 * command, under the same locks, and what earlier commands of the group changed. Its refusal leaves nothing. Replays of an
 * idempotency key or a reference do not ask it again; quotes ask the guards of `placeOrder`.
 *
 * @example
 * const membersOnly = guard(placeOrder, {
 *   refusals: ['NOT_A_MEMBER'],
 *   refuse: (_facts, { userId }, { context }) => (context['member'] ? undefined : { code: 'NOT_A_MEMBER', userId }),
 * })
 * const shop = createShop({ store, guards: [membersOnly] })
 * await shop.orders.place(input, { context: { member: true } })
 */
export const guard = <Input, Result, Told extends object = CallContext>(
  command: Command<Input, Result>,
  rule: GuardRule<Input, Told>,
): Guard => ({ command: command.name, rule })

type Rules = readonly GuardRule<unknown>[]

const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && typeof (value as { readonly code?: unknown }).code === 'string'

/** @throws TypeError for a promise, a boolean or anything else that is no refusal: a guard that is broken lets nothing pass */
const refusalOf = (rules: Rules, ...args: Parameters<GuardRule<unknown>['refuse']>): Refusal | undefined => {
  for (const rule of rules) {
    const refusal: unknown = rule.refuse(...args)
    if (isRefusal(refusal)) return refusal
    if (refusal !== undefined && refusal !== null)
      throw new TypeError('a guard must return a refusal, { code, … }, or undefined; it cannot be async')
  }
  return undefined
}

const guarded = (command: AnyCommand, rules: Rules): AnyCommand => {
  const before = rules.filter(({ when }) => when === 'before')
  const after = rules.filter(({ when }) => when !== 'before')
  const form: Pick<AnyCommand, 'keys' | 'decide'> = {
    keys: (input, context) =>
      mergeKeys([command.keys(input, context), ...rules.map((rule) => rule.needs?.(input, context) ?? {})]),
    decide(facts, input, context) {
      const refusal = refusalOf(before, facts, input, context)
      if (refusal) return refuse(refusal)
      const decision = command.decide(facts, input, context)
      const late = decision.ok ? refusalOf(after, facts, input, context) : undefined
      return late ? refuse(late) : decision
    },
  }
  // A command may be an instance of a class: its other members stay where they are.
  return Object.assign(Object.create(command) as AnyCommand, form)
}

/** The rules of a command: those of its own name, and those of the name that it is guarded as. */
export const rulesFor = (
  guards: readonly Guard[],
  { name, guardedAs }: Pick<AnyCommand, 'name' | 'guardedAs'>,
): readonly GuardRule<unknown>[] =>
  guards.filter(({ command }) => command === name || command === guardedAs).map(({ rule }) => rule)

/** Replaces the command of a call by its guarded form. Without guards, calls stay as they are. */
export const guarding = (guards: readonly Guard[]): ((call: CommandCall) => CommandCall) => {
  if (guards.length === 0) return (call) => call
  const forms = new WeakMap<AnyCommand, AnyCommand>()
  const formOf = (command: AnyCommand): AnyCommand => {
    const rules = rulesFor(guards, command)
    return rules.length === 0 ? command : guarded(command, rules)
  }
  return (call) => {
    const { command } = call
    const form = forms.get(command) ?? formOf(command)
    forms.set(command, form)
    return form === command ? call : { ...call, command: form }
  }
}
