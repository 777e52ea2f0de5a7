import { type Command, noOutlines, type Outlines } from '../engine/command.js'
import { checkCall, decideGroup, keysOf } from '../engine/decide-group.js'
import { type Guard, guarding } from '../engine/guard.js'
import type { CommandCall, Outcome } from '../engine/outcome.js'
import { WorkingSet } from '../engine/working-set.js'
import { type Data, emptyData } from '../in-memory/tables.js'
import { addSales, couponIdOf, load, outlines, save } from '../in-memory/transact.js'
import type { SalesChange } from '../model/ranking.js'
import type { Policies, PolicyOverrides } from '../policies/policies.js'
import type { PresetName } from '../policies/presets.js'
import { resolvePolicies } from '../policies/resolve-policies.js'
import type { Instant } from '../shared/instant.js'
import type { Refusal, RefusalCode } from '../shared/refusal.js'
import type { CallOptions } from '../shop/calls.js'
import { mergeKeys } from '../store/key-lists.js'
import type { Changes, CompanionRow, Rows, TableName } from '../store/rows.js'
import { nothingChanged, rowKey, tableNames } from '../store/schema.js'
import { differences, shown } from './difference.js'
import { defaultNow, type Given } from './given-rows.js'

/** Any part of `T`, at any depth, also in the items of lists. */
type Loosely<T> = T extends readonly (infer Item)[]
  ? readonly Loosely<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Loosely<T[K]> | undefined }
    : T

/**
 * The expected changes of a command. Name as many fields of a row as matter. A row that is not named must not change.
 * Rows are in the order of their keys.
 */
export type ExpectedChanges = {
  readonly [T in TableName]?: {
    readonly inserted?: readonly Loosely<Rows[T]>[]
    readonly updated?: readonly Loosely<Rows[T]>[]
    readonly removed?: readonly Loosely<Rows[T]>[]
  }
} & { readonly sales?: readonly Loosely<SalesChange>[] }

/** The facts of a refusal with this code. */
type RefusalFacts<Code extends RefusalCode> = Omit<Extract<Refusal, { code: Code }>, 'code'>

/** The decision on the last command. */
interface DecidedCommand {
  /** The command's name. */
  readonly name: string
  /** Its result or its refusal. */
  readonly outcome: Outcome<unknown>
  /** Its changes. */
  readonly changes: Changes
  /** The changes without any decision: overdue holds are released. */
  readonly idle: Changes
}

const fail = (headline: string, lines: readonly string[]): never => {
  throw new Error([headline, ...lines.map((line) => `  ${line}`)].join('\n'))
}

/** The state of a scenario: the rows, the time and the policies. */
export class Story {
  readonly #data: Data
  #now: Instant = defaultNow
  #policies: Policies = resolvePolicies()
  #guards: readonly Guard[] = []
  #nextIds: string[] = []
  #ids = 0

  /** Starts with these rows, or continues an earlier scenario. */
  constructor(from: Story | readonly Given[]) {
    if (from instanceof Story) {
      this.#data = from.#data
      this.#now = from.#now
      this.#policies = from.#policies
      this.#guards = from.#guards
      this.#nextIds = from.#nextIds
      this.#ids = from.#ids
      return
    }
    this.#data = emptyData()
    for (const each of from) this.#add(each)
  }

  #add(each: Given): void {
    if ('sold' in each) addSales(this.#data, each.sold)
    else if ('views' in each) this.#data.views.set(each.views.productId, each.views.count)
    else this.#addRow(each)
  }

  #addRow(each: Extract<Given, { put: TableName }>): void {
    const rows = this.#data.tables[each.put] as Map<string, unknown>
    const key = (rowKey[each.put] as (row: unknown) => string)(each.row)
    if (rows.has(key)) fail(`${each.put} ${key} is given twice`, [])
    const inserted = { ...nothingChanged, [each.put]: { inserted: [each.row], updated: [], removed: [] } }
    save(this.#data, inserted)
  }

  /** Sets the time of the store: an instant, or an ISO 8601 text. */
  at(now: Instant | string): this {
    this.#now = typeof now === 'number' ? now : Date.parse(now)
    if (Number.isNaN(this.#now)) fail(`${now} is not a time`, [])
    return this
  }

  /**
   * Sets the policies: a preset with overrides, or complete policies.
   * @default `standard`
   */
  under(policies: PresetName | Policies, overrides: PolicyOverrides = {}): this {
    this.#policies = typeof policies === 'string' ? resolvePolicies(policies, overrides) : policies
    return this
  }

  /**
   * Sets the guards of the shop.
   * @default none
   */
  guardedBy(...guards: readonly Guard[]): this {
    this.#guards = guards
    return this
  }

  /** Sets the next ids; after them come `id-1`, `id-2`, … */
  naming(...ids: readonly string[]): this {
    this.#nextIds = [...ids]
    return this
  }

  #outlines(): Outlines {
    const data = this.#data
    return { order: (orderId) => outlines(data, [orderId])[0], couponIdOf: (code) => couponIdOf(data, code) }
  }

  /**
   * Decides one command as the shop would: checks the input, loads the rows of the command's own keys, and keeps the
   * changes for the next command. Reading any other row throws.
   */
  when<Input, Result>(
    command: Command<Input, Result>,
    input: Input,
    options: Pick<CallOptions<Result>, 'context' | 'with'> = {},
  ): CommandResult<Result> {
    const companions = options.with as CommandCall['with']
    const call = guarding(this.#guards)({ command, input, context: options.context, with: companions })
    const invalid = checkCall(call, Object.keys(companions ?? {}))
    if (invalid)
      return new CommandResult(this, {
        name: command.name,
        outcome: invalid,
        changes: nothingChanged,
        idle: nothingChanged,
      })
    const member = { call, outlines: command.prefetch?.(input) ? this.#outlines() : noOutlines }
    const keys = mergeKeys([keysOf(member, this.#policies)])
    const loaded = load(this.#data, keys, this.#now)
    const likely = { next: [...this.#nextIds], ids: this.#ids }
    const idle = new WorkingSet(keys, loaded, () => likely.next.shift() ?? `id-${++likely.ids}`).changes()
    const newId = () => this.#nextIds.shift() ?? `id-${++this.#ids}`
    const { verdicts, changes } = decideGroup([member], keys, loaded, { policies: this.#policies, newId })
    const verdict = verdicts[0]
    if (!verdict || 'bug' in verdict) throw verdict?.bug
    save(this.#data, { ...changes, companions: [] })
    return new CommandResult(this, { name: command.name, outcome: verdict.outcome, changes, idle })
  }
}

/** The decision on a command. The scenario can continue after it. */
export class CommandResult<Result> extends Story {
  readonly #told: DecidedCommand

  /** Continues the scenario after this command. */
  constructor(story: Story, told: DecidedCommand) {
    super(story)
    this.#told = told
  }

  /** Expects acceptance with a result that has at least the members of `expected`, or that passes its assertions. */
  thenAccepted(expected: Loosely<Result> | ((result: Result) => void) = {} as Loosely<Result>): this {
    const { name, outcome } = this.#told
    if (!outcome.ok) return fail(`${name} was expected to be accepted, but was refused:`, [shown(outcome.refusal)])
    if (typeof expected === 'function') (expected as (result: Result) => void)(outcome.result as Result)
    else this.#compare(`${name} was accepted with another result:`, outcome.result, expected)
    return this
  }

  /** Expects a refusal with at least these facts. A refusal changes nothing, unless `changes` names rows. */
  thenRefused<Code extends RefusalCode>(
    code: Code,
    facts: Loosely<RefusalFacts<Code>> = {} as Loosely<RefusalFacts<Code>>,
    changes?: ExpectedChanges,
  ): this {
    const { name, outcome, idle } = this.#told
    if (outcome.ok)
      return fail(`${name} was expected to be refused with ${code}, but was accepted:`, [shown(outcome.result)])
    this.#compare(`${name} was refused otherwise:`, outcome.refusal, { ...facts, code })
    if (changes) return this.thenChanges(changes)
    this.#compare(`${name} was refused and yet changed something:`, this.#told.changes, idle)
    return this
  }

  /** Expects that exactly these rows change. */
  thenChanges(expected: ExpectedChanges): this {
    const { name, changes } = this.#told
    const full = Object.fromEntries(
      tableNames.map((table) => [table, { inserted: [], updated: [], removed: [], ...expected[table] }]),
    )
    this.#compare(`${name} changes something else:`, changes, { ...full, sales: expected.sales ?? [] })
    return this
  }

  /** Expects that exactly these rows of companions are written. */
  thenCompanions(expected: Readonly<Record<string, readonly CompanionRow[]>>): this {
    const { name, changes } = this.#told
    const given = Object.entries(expected).map(([companion, rows]) => ({ companion, rows }))
    this.#compare(`${name} writes other rows of companions:`, changes.companions, given)
    return this
  }

  #compare(headline: string, actual: unknown, expected: unknown): void {
    const lines = differences(actual, expected)
    if (lines.length > 0) fail(headline, lines)
  }
}

/**
 * Tests commands without a store, a server or a test runner. A failed expectation throws.
 *
 * @example
 * given(walletOf({ balance: 99 }), productOf({ price: 100 }))
 *   .under('one-call')
 *   .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: 1 }] })
 *   .thenRefused('BALANCE_INSUFFICIENT', { balance: 99, required: 100 })
 */
export const given = (...rows: readonly Given[]): Story => new Story(rows)
