import { randomUUID } from 'node:crypto'
import { type IssueCoupon, isShopUnavailable, type Outcome, type Refusal } from '@shop/core'
import { issueCoupon } from '@shop/core/commands'
import { systemTimer } from '@shop/core/store'
import { Coalescer } from '../coalescer.js'
import { DatabaseClock } from '../database-clock.js'
import { gateKeys, lifetimes } from '../keys.js'
import { runScript } from '../script.js'
import { admitCallers } from '../scripts/admit-callers.js'
import { confirmOrRelease } from '../scripts/confirm-or-release.js'
import { CouponTerms, type GateName } from './coupon-terms.js'
import { defaultGateSettings, type GateObserver, type GateOptions, type GateVerdict } from './gate-options.js'
import { KnownUsers } from './known-users.js'
import { WaitingRoom } from './waiting-room.js'

type Word = 'issued' | 'sold-out' | 'taken' | 'full' | 'admitted' | 'unknown'

interface Answer {
  readonly state: 'empty' | 'absent' | 'sold-out' | 'open'
  readonly free: number
  readonly validUntil: number
  readonly words: readonly Word[]
}

interface Verdict {
  readonly verdict: GateVerdict
  /** Whose gate it was; nothing where that is not known. */
  readonly name?: GateName
}

export interface CouponGate {
  /**
   * What `decide` – the database – would answer, or will. Turned away here are only users who have the coupon and, once
   * every unit has committed, the others, within the coupon's validity. Everybody else is decided by the database, and so
   * is everything else when Redis is away. With `isKeyed` (an idempotency key came along) the database is always asked.
   */
  issue<Result>(
    input: IssueCoupon,
    decide: () => Promise<Outcome<Result>>,
    options?: { readonly isKeyed?: boolean },
  ): Promise<Outcome<Result>>
  /**
   * Runs `work`, which changes the coupon. Once it has resolved, no server turns anybody away by the terms of before; if
   * Redis cannot be told, the answer waits until they have lapsed (`termsMs`).
   */
  changing<T>(couponId: string, work: () => Promise<T>): Promise<T>
  /** Closes the drift between Redis and the database for a coupon: callers do so by themselves. Rejects where one is away. */
  reconcile(couponId: string): Promise<void>
  /** Resolves when everything that was decided has been told to Redis, or could not be. */
  settled(): Promise<void>
}

/** Turns away, before the database is asked, those who cannot get a coupon any more. (seed 002, B109–B114) */
export const couponGate = (options: GateOptions): CouponGate => {
  const { policies, reads, observer = {}, timer = systemTimer } = options
  const settings = { ...defaultGateSettings, ...options.settings }
  const elapsedMs = () => timer.elapsedMs()
  const pause = (ms: number) => timer.pause(ms)
  const tell = <E extends keyof GateObserver>(event: E, fact: Parameters<NonNullable<GateObserver[E]>>[0]): void => {
    try {
      observer[event]?.(fact as never)
    } catch {}
  }
  const onTrouble = (error: unknown) => tell('onTrouble', error)
  const watch = new DatabaseClock(() => options.database(), { everyMs: settings.databaseMs, elapsedMs })
  const terms = new CouponTerms({ ...options, settings, onTrouble })
  const users = new KnownUsers(reads)

  const ask = async (name: GateName, callers: readonly string[]): Promise<Answer> => {
    const { issued, reservations, terms: kept } = gateKeys(name.database, name.couponId)
    const [state, free, validUntil, left, ...words] = (await runScript(
      options,
      admitCallers,
      [issued, reservations, kept],
      [settings.leaseMs, ...callers],
    )) as [Answer['state'], number, string, number, ...Word[]]
    // Read anew before they lapse, so that nobody waits for it.
    if (left < settings.termsMs / 2) terms.read(name).catch(onTrouble)
    return { state, free, validUntil: Number(validUntil), words }
  }

  const admissions = new Coalescer<string, Omit<Answer, 'words'> & { readonly word: Word }>(async (text, callers) => {
    const { words, ...answer } = await ask(nameOf(text), callers)
    return callers.map((_, index) => ({ ...answer, word: words[index] ?? 'unknown' }))
  }, settings.bundleSize)

  const settlements = new Coalescer<{ readonly userId: string; readonly got: boolean }, undefined>(
    async (text, callers) => {
      const { database, couponId } = nameOf(text)
      const { issued, reservations } = gateKeys(database, couponId)
      const got = callers.filter((caller) => caller.got)
      const gone = callers.filter((caller) => !caller.got)
      const ids = [...got, ...gone].map(({ userId }) => userId)
      await runScript(options, confirmOrRelease, [issued, reservations], [lifetimes.issuedMs, got.length, ...ids])
      return []
    },
    settings.bundleSize,
  )

  const room = new WaitingRoom({
    async look(text) {
      const { state, free } = await ask(nameOf(text), [])
      return { isDecided: state === 'sold-out' || state === 'absent', free }
    },
    elapsedMs,
    pause,
    pollMs: settings.pollMs,
  })

  const unsettled = new Set<Promise<void>>()
  /** Nobody waits for it: until Redis knows, the user has a place, and is decided by the database. */
  const settle = (name: GateName, userId: string, got: boolean): void => {
    const settling = settlements
      .submit(textOf(name), { userId, got })
      .catch(onTrouble)
      .then(() => {
        unsettled.delete(settling)
      })
    unsettled.add(settling)
  }

  /** Whether the database would say sold out, too: what comes before that in the order of refusals must be out of question. */
  const isSoldOutFor = async ({ database }: GateName, userId: string, validUntil: number): Promise<boolean> => {
    const { id, latest } = await watch.read()
    if (id !== database || latest + settings.clockSlackMs >= validUntil) return false
    return policies?.wallet.opens !== 'by-registration' || (await users.exists(database, userId))
  }

  const judge = async ({ userId, couponId }: IssueCoupon): Promise<Verdict> => {
    const until = elapsedMs() + settings.waitMs
    let name: GateName | undefined
    try {
      name = { database: (await watch.read()).id, couponId }
      for (;;) {
        const { word, state, validUntil } = await admissions.submit(textOf(name), userId)
        if (word === 'issued' || word === 'admitted') return { verdict: word, name }
        if (word === 'sold-out')
          return { verdict: (await isSoldOutFor(name, userId, validUntil)) ? 'sold-out' : 'passed', name }
        if (word === 'taken' || state === 'absent' || elapsedMs() >= until) return { verdict: 'passed', name }
        const mayTry = (word === 'unknown' && (await terms.read(name))) || (await room.wait(textOf(name), until))
        if (!mayTry) return { verdict: 'passed', name }
      }
    } catch (error) {
      onTrouble(error)
      return { verdict: 'away', ...(name && { name }) }
    }
  }

  /** Asks the database and tells Redis how it came out. An issue of which nobody knows keeps its place until that lapses. */
  const decided = async <Result>(
    input: IssueCoupon,
    { verdict, name }: Verdict,
    decide: () => Promise<Outcome<Result>>,
  ): Promise<Outcome<Result>> => {
    const givesBack = verdict === 'admitted' || verdict === 'away'
    let outcome: Outcome<Result>
    try {
      outcome = await decide()
    } catch (error) {
      if (name && givesBack && !(isShopUnavailable(error) && error.ambiguous)) settle(name, input.userId, false)
      throw error
    }
    const got = outcome.ok || outcome.refusal.code === 'COUPON_ALREADY_ISSUED'
    if (name && (got || givesBack)) settle(name, input.userId, got)
    // The gate has let somebody pass whom the database had nothing for.
    if (name && !outcome.ok && outcome.refusal.code === 'COUPON_SOLD_OUT') terms.read(name).catch(onTrouble)
    return outcome
  }

  const nameNow = async (couponId: string): Promise<GateName> => ({ database: (await watch.read()).id, couponId })

  return {
    async issue(input, decide, { isKeyed = false } = {}) {
      if (issueCoupon.check(input).length > 0) return decide()
      const judged: Verdict = isKeyed
        ? { verdict: 'keyed', ...(await nameNow(input.couponId).then(asName, () => ({}))) }
        : await judge(input)
      tell('onVerdict', judged.verdict)
      if (judged.verdict === 'issued') return refused({ code: 'COUPON_ALREADY_ISSUED', couponId: input.couponId })
      if (judged.verdict === 'sold-out') return refused({ code: 'COUPON_SOLD_OUT', couponId: input.couponId })
      return decided(input, judged, decide)
    },
    async changing(couponId, work) {
      const token = randomUUID()
      const attempt = async (step: 'beginChange' | 'endChange'): Promise<boolean> => {
        try {
          await terms[step](await nameNow(couponId), token)
          return true
        } catch (error) {
          onTrouble(error)
          return false
        }
      }
      await attempt('beginChange')
      let isOpen = false
      try {
        return await work()
      } catch (error) {
        // It may commit yet: the change ends by its lease.
        isOpen = isShopUnavailable(error) && error.ambiguous
        throw error
      } finally {
        if (!isOpen && !(await attempt('endChange'))) await pause(settings.termsMs)
      }
    },
    async reconcile(couponId) {
      const name = await nameNow(couponId)
      await terms.list(name)
      await terms.read(name)
    },
    async settled() {
      while (unsettled.size > 0) await Promise.allSettled([...unsettled])
      await terms.idle()
    },
  }
}

const asName = (name: GateName): { readonly name: GateName } => ({ name })

const refused = (refusal: Refusal): Outcome<never> => ({ ok: false, refusal, replayed: false })

/** Ids hold no blank, and neither may a database's. */
const textOf = ({ database, couponId }: GateName): string => `${database} ${couponId}`

const nameOf = (text: string): GateName => {
  const [database = '', couponId = ''] = text.split(' ')
  return { database, couponId }
}
