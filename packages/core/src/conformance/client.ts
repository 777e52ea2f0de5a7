import { refreshRanking } from '../commands/ranking/refresh-ranking.js'
import type { AnyCommand } from '../engine/command.js'
import type { Companions } from '../engine/companions.js'
import type { EventView } from '../model/event.js'
import { rankingWindow } from '../model/ranking.js'
import { isShopRefusal } from '../shared/refusal.js'
import { commands } from '../shop/commands.js'
import type { Shop } from '../shop/shop.js'
import type { OutboxStore } from '../store/store.js'
import { isShopUnavailable, isStoreError } from '../store/store-error.js'
import type { ManualClock } from '../testing/manual-clock.js'
import { type Receiver, refuses, takes } from './delivery.js'
import { type Answer, type CallRequest, hasReference, type Journal } from './journal.js'
import { subjectOf } from './laws/companions.js'
import type { Effect } from './laws/effects-of.js'
import { walk } from './reading.js'
import { type CommandStep, type ReadStep, readNames, type Step, type StepKey } from './steps.js'

/** Wraps a command: for example, takes a lock for its caller. */
export type Guard = <T>(userId: string, work: () => Promise<T>) => Promise<T>

export interface ClientOptions {
  readonly shop: Shop<never>
  readonly outbox: OutboxStore
  readonly clock: ManualClock
  readonly journal: Journal
  readonly receiver: Receiver
  readonly branch: number
  /** Whether this is the only branch. If so, each upkeep job runs as one call; otherwise as its separate commands. */
  readonly alone: boolean
  /** Gives each command without a key its own key, so that it can be retried until its outcome is known. */
  readonly keyAll: boolean
  readonly guard?: Guard | undefined
  /** The reads that may be of an earlier moment. */
  readonly stale: ReadonlySet<string>
  /** The companion of the store, if it has one. */
  readonly companion?: string | undefined
}

type Commands = Readonly<Record<string, Readonly<Record<string, AnyCommand>>>>

const commandOf = (name: string): AnyCommand | undefined => {
  const [noun = '', method = ''] = name.split('.')
  return (commands as unknown as Commands)[noun]?.[method]
}

type RefundStep = Extract<CommandStep, { readonly do: 'orders.refund' }>['input']

/** The companion rows of a call: one for each order, charge, payment and issued coupon. */
export const companionsOf = (
  companion: string | undefined,
  { name, companionFails }: CallRequest,
): Companions<unknown> | undefined => {
  if (companion === undefined) return undefined
  const row = (result: unknown) => {
    const subject = subjectOf(name, result as Effect['result'])
    return subject === undefined ? [] : { command: name, subject, note: companionFails ? 'fails' : 'sound' }
  }
  return { [companion]: row }
}

/** How often a call with a key is retried. */
const persistence = 50

/** Performs steps one after the other, and records the answers. */
export class Client {
  readonly #options: ClientOptions
  #keys = 0
  #quoted: object | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  async perform(step: Step): Promise<void> {
    const { shop, outbox, clock, journal, receiver, alone } = this.#options
    switch (step.do) {
      case 'move-clock':
        return clock.move(step.ms)
      case 'again': {
        const call = journal.keyed[step.nth % Math.max(1, journal.keyed.length)]
        return call && this.#record(call, () => this.#command(call))
      }
      case 'refer-again': {
        const call = journal.referenced[step.nth % Math.max(1, journal.referenced.length)]
        return call && this.#send({ name: call.name, input: call.input })
      }
      case 'order-quoted':
        return this.#quoted && this.#send({ name: 'orders.place', input: this.#quoted })
      case 'sweep-lots': {
        const { limit } = step
        return this.#upkeep(step.do, { limit }, () => shop.upkeep.expireLots({ limit }))
      }
      case 'sweep': {
        if (alone)
          return this.#upkeep('sweep', { limit: step.limit }, () => shop.upkeep.expireOrders({ limit: step.limit }))
        const { items } = await shop.orders.list({ limit: 100, status: 'expired' })
        for (const { orderId } of items.slice(0, step.limit))
          await this.#send({ name: 'orders.expire', input: { orderId } })
        return
      }
      case 'repair':
        return this.#upkeep('repair', {}, async () => {
          const { ok, cures } = await shop.repair()
          return { ok, cures: cures.map(({ law }) => law).sort() }
        })
      case 'refresh-ranking':
        return this.#refreshRanking()
      case 'flush-views':
        return this.#upkeep(step.do, {}, () => shop.upkeep.flushViews().then(() => null))
      case 'relay':
        return this.#upkeep(step.do, { reply: step.reply }, () =>
          receiver.relay(outbox, step.reply === 'sent' ? takes : refuses),
        )
      default:
        return this.#send(await this.#resolve(step))
    }
  }

  /** Replaces the placeholders of a step by the ids of existing orders, payments and events. */
  async #resolve(step: CommandStep | ReadStep): Promise<CallRequest> {
    const { journal } = this.#options
    const { order, payment, sequence, lines, ...input } = step.input as Record<string, unknown>
    const known = (ids: readonly string[], place: unknown, unknown: string) =>
      ids.at(-1 - ((place as number) % Math.max(1, ids.length))) ?? `${unknown}-${place}`
    const orders = step.do === 'orders.refund' && journal.paid.length > 0 ? journal.paid : journal.orders
    const orderId = order === undefined ? undefined : known(orders, order, 'no-order')
    const { key, companionFails } = step as Partial<CommandStep>
    if (step.do === 'outbox.redeliver') {
      return { name: step.do, input: { eventId: await this.#eventOf(orderId, sequence) }, key }
    }
    return {
      name: step.do,
      input: {
        ...input,
        ...(orderId !== undefined && { orderId }),
        ...(step.do === 'payments.pay' && { userId: step.input.userId ?? journal.owners.get(orderId ?? '') ?? 'u1' }),
        ...(lines !== undefined && { lines: this.#linesOf(orderId ?? '', lines as RefundStep['lines']) }),
        ...(payment !== undefined && { paymentId: known(journal.payments, payment, 'no-payment') }),
      },
      key,
      ...(companionFails && this.#options.companion !== undefined && { companionFails }),
    }
  }

  #linesOf(orderId: string, lines: RefundStep['lines'] = []): readonly object[] {
    const products = this.#options.journal.products.get(orderId) ?? ['p1']
    return lines.map(({ line, quantity }) => ({
      productId: line < 0 ? 'p-unknown' : products[line % products.length],
      quantity,
    }))
  }

  async #eventOf(orderId: string | undefined, sequence: unknown): Promise<string> {
    await this.#send({ name: 'outbox.list', input: { limit: 100 } })
    const answer = this.#options.journal.records.at(-1)?.answer
    const events = answer?.kind === 'ok' ? (answer.result as readonly EventView[]) : []
    return events.find((event) => event.orderId === orderId && event.sequence === sequence)?.eventId ?? 'no-event'
  }

  #send(call: CallRequest): Promise<void> {
    if (call.name === 'orders.quote') this.#quoted = call.input
    if (!commandOf(call.name)) {
      return this.#record(call, async () => ({
        kind: 'ok',
        result: await walk(this.#options.shop, call, this.#options.stale),
        replayed: false,
      }))
    }
    const keyed = call.key || !this.#options.keyAll ? call : { ...call, key: this.#ownKey() }
    if (keyed.key) this.#options.journal.keyed.push(keyed)
    if (hasReference(keyed)) this.#options.journal.referenced.push(keyed)
    return this.#record(keyed, () => this.#command(keyed))
  }

  #ownKey(): StepKey {
    this.#keys += 1
    return { scope: `branch-${this.#options.branch}`, key: `own-${this.#keys}` }
  }

  #decided: { tick: number; now: number } | undefined
  #doubted = false

  #timed(command: AnyCommand): AnyCommand {
    return {
      ...command,
      decide: (facts, input, context) => {
        this.#decided = { tick: this.#options.journal.tick(), now: context.now }
        return command.decide(facts, input, context)
      },
    }
  }

  async #execute(command: AnyCommand, input: object, key?: StepKey, companions?: Companions<unknown>): Promise<Answer> {
    const { shop } = this.#options
    const outcome = await shop.execute(this.#timed(command), input, { idempotency: key, with: companions })
    const { replayed } = outcome
    // A reference that another call has taken meanwhile: the decision had no effect.
    if (!this.#doubted && (replayed || (!outcome.ok && outcome.refusal.code === 'REFERENCE_REUSED'))) {
      this.#decided = undefined
    }
    return outcome.ok
      ? { kind: 'ok', result: outcome.result, replayed }
      : { kind: 'refused', refusal: outcome.refusal, replayed }
  }

  /** With a key, retries until the outcome is known. */
  async #command(call: CallRequest): Promise<Answer> {
    const { name, input, key } = call
    const companions = companionsOf(this.#options.companion, call)
    const command = commandOf(name) as AnyCommand
    const { guard = (_, work) => work() } = this.#options
    const { userId = 'nobody' } = input as { readonly userId?: string }
    for (let tried = 1; ; tried += 1) {
      try {
        return await guard(userId, () => this.#execute(command, input, key, companions))
      } catch (error) {
        if (!isShopUnavailable(error)) throw error
        this.#doubted ||= error.ambiguous
        if (!key || tried >= persistence) throw error
      }
    }
  }

  #upkeep(name: string, input: object, work: () => Promise<unknown>): Promise<void> {
    return this.#record({ name, input }, async () => ({ kind: 'ok', result: await work(), replayed: false }))
  }

  #refreshRanking(): Promise<void> {
    const { shop, clock, alone } = this.#options
    const at = clock.now()
    return this.#record({ name: 'refresh-ranking', input: { at } }, async () => {
      if (!alone) return this.#execute(refreshRanking, { window: rankingWindow(shop.policies.ranking, at) })
      const outcome = await shop.upkeep.refreshRanking()
      return outcome.ok ? { kind: 'ok', ...outcome } : { kind: 'refused', ...outcome }
    })
  }

  #failed({ name }: CallRequest, error: unknown): Answer {
    if (isShopRefusal(error)) return { kind: 'refused', refusal: error.refusal, replayed: false }
    if (isShopUnavailable(error)) return { kind: 'unavailable', ambiguous: this.#doubted }
    const isAway = readNames.has(name) && isStoreError(error) && error.isRetryable
    return isAway ? { kind: 'unavailable', ambiguous: false } : { kind: 'error', error }
  }

  async #record(call: CallRequest, work: () => Promise<Answer>): Promise<void> {
    const { journal, clock, branch } = this.#options
    const invoked = journal.tick()
    const now = clock.now()
    this.#decided = undefined
    this.#doubted = false
    const answer = await work().catch((error): Answer => this.#failed(call, error))
    const answered = journal.tick()
    // A copy: later changes of the object must not change the record.
    const kept = answer.kind === 'error' ? answer : structuredClone(answer)
    journal.add({
      branch,
      call,
      answer: kept,
      invoked,
      answered,
      decided: this.#decided,
      now,
      doubted: this.#doubted,
    })
  }
}
