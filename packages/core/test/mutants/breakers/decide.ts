import type { Change, Context, Decision, Facts } from '../../../src/commands.js'

type Decide = (facts: Facts, input: unknown, context: Context) => Decision<unknown>

export type BreakDecide = (decide: Decide) => Decide

/** The true facts, with some of them replaced. */
const lying = (facts: Facts, lies: Partial<Facts>): Facts =>
  new Proxy(facts, {
    get(target, name) {
      const lie = lies[name as keyof Facts]
      if (lie) return lie
      const truth = Reflect.get(target, name)
      return typeof truth === 'function' ? truth.bind(target) : truth
    },
  })

/** Decides on false facts. */
export const believes =
  <Input>(lies: (facts: Facts, input: Input, context: Context) => Partial<Facts>): BreakDecide =>
  (decide) =>
  (facts, input, context) =>
    decide(lying(facts, lies(facts, input as Input, context)), input, context)

/** Decides at another time. */
export const misreadsClock =
  <Input>(now: (facts: Facts, input: Input, context: Context) => number): BreakDecide =>
  (decide) =>
  (facts, input, context) =>
    decide(facts, input, { ...context, now: now(facts, input as Input, context) })

/** Writes something else than the decider returned. */
export const writes =
  <Input>(alter: (change: Change, facts: Facts, input: Input) => readonly Change[]): BreakDecide =>
  (decide) =>
  (facts, input, context) => {
    const decision = decide(facts, input, context)
    return { ...decision, changes: decision.changes.flatMap((change) => alter(change, facts, input as Input)) }
  }

export const chain =
  (...breakers: readonly BreakDecide[]): BreakDecide =>
  (decide) =>
    breakers.reduce((inner, breaker) => breaker(inner), decide)

/** Skips the writes to this table. */
export const forgets = (table: string): BreakDecide =>
  writes((change) => ('put' in change && change.put === table ? [] : [change]))
