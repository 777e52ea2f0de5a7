import * as fc from 'fast-check'
import { HistoryBroken, playTrial, type StoreHarness, storeTrials, TrialFailed } from '../../src/conformance/index.js'
import { type Adapt, type Mode, modes } from '../../src/conformance/kit/modes.js'
import { lockTrials } from '../../src/conformance/laws/locks.js'
import type { OpenShop } from '../../src/conformance/laws/trial.js'
import type { AnyCommand } from '../../src/engine/command.js'
import {
  type CallOptions,
  createShop,
  isStoreError,
  type PlaceOrder,
  type Shop,
  type ShopOptions,
} from '../../src/index.js'
import { type Execute, throwingRefusals } from '../../src/shop/calls.js'
import { commands } from '../../src/shop/commands.js'
import { inMemoryHarness } from '../kit/in-memory-harness.js'
import type { Breaks, Mutant } from './mutant.js'

/** How a mutant was caught. */
export interface Catch {
  /** The mode or the scenario. */
  readonly by: string
  readonly laws: readonly string[]
  /** Histories and scenarios played up to the failure, including it. */
  readonly runs: number
  /** The broken law, and the history that broke it. */
  readonly text: string
}

export interface HuntOptions {
  readonly seed: number
  /** A factor on the usual number of histories. */
  readonly effort: number
  /** Shrinks the history. */
  readonly shrinks: boolean
  /** Switched off, the breaker is installed but changes nothing. */
  readonly isOn?: boolean
}

const harnessOf = ({ store }: Breaks, isOn: boolean): StoreHarness => ({
  ...inMemoryHarness,
  async create(options) {
    const subject = await inMemoryHarness.create(options)
    return { ...subject, store: store?.(subject.store, isOn) ?? subject.store }
  },
})

/** The command with the mistakes of its decider and of its reference. */
const brokenCommand = (command: AnyCommand, { decide, reference }: Breaks): AnyCommand => {
  const breakIt = decide?.[command.name]
  const keyOf = command.reference
  return {
    ...command,
    ...(breakIt && { decide: breakIt(command.decide) }),
    ...(reference &&
      keyOf && {
        reference: (input: unknown) => {
          const key = keyOf(input)
          return key && reference(key)
        },
      }),
  }
}

const brokenShop = (shop: Shop<never>, breaks: Breaks, isOn: boolean): Shop<never> => {
  const { key, execute: rewire, beforeQuote } = isOn ? breaks : ({} as Breaks)
  const direct = ((command: AnyCommand, input: unknown, { idempotency, ...options }: CallOptions = {}) => {
    const broken = isOn ? brokenCommand(command, breaks) : command
    return shop.execute(broken, input, {
      ...options,
      idempotency: idempotency && key ? key(idempotency) : idempotency,
    })
  }) as Execute
  const execute = rewire ? rewire(direct) : direct
  const run = throwingRefusals(execute)
  const quote = async (input: PlaceOrder) => {
    await beforeQuote?.(shop, input)
    return shop.orders.quote(input)
  }
  const nouns = Object.entries(commands).map(([noun, named]) => {
    const calls = Object.entries<AnyCommand>(named).map(([name, command]) => [
      name,
      (input: unknown, options?: CallOptions) => run(command, input, options),
    ])
    const reads = { ...(shop as unknown as Record<string, object>)[noun], ...(noun === 'orders' && { quote }) }
    return [noun, { value: { ...reads, ...Object.fromEntries(calls) } }]
  })
  return Object.create(shop, { ...Object.fromEntries(nouns), execute: { value: execute } }) as Shop<never>
}

const adaptOf =
  (breaks: Breaks, isOn: boolean): Adapt =>
  (stage) => ({
    ...stage,
    shops: stage.shops.map((shop) => brokenShop(shop, breaks, isOn)),
    judge: { ...stage.judge, shop: brokenShop(stage.judge.shop, breaks, isOn) },
  })

/** Errors that show a working second line of defence: a constraint or an invariant. */
const ownErrors = /ERROR (?!StoreError|InvariantViolated)/

/** The laws that a history broke. Unexpected errors alone do not identify a mutant. */
const caughtIn = (error: unknown): Pick<Catch, 'laws' | 'text'> => {
  // An exception in the breaker itself does not count as caught.
  if (!(error instanceof HistoryBroken) || ownErrors.test(error.message)) throw error
  const broken = new Set(error.problems.map(({ law }) => law))
  broken.delete('NO-UNEXPECTED-ERROR')
  return { laws: [...broken], text: error.message }
}

/** The property, which passes if a caller got an error but no law is broken. */
const passingErrors = <T>(property: fc.IAsyncProperty<T>): fc.IAsyncProperty<T> =>
  Object.create(property, {
    run: {
      value: async (value: T) => {
        const failure = await property.run(value)
        return failure && 'error' in failure && caughtIn(failure.error).laws.length === 0 ? null : failure
      },
    },
  })

const play = async (mode: Mode, { breaks }: Mutant, { seed, effort, shrinks, isOn = true }: HuntOptions) => {
  const property = mode.property(harnessOf(breaks, isOn), adaptOf(breaks, isOn))
  const numRuns = Math.max(1, Math.round(mode.runs * effort))
  const options = { seed, numRuns, endOnFailure: !shrinks, interruptAfterTimeLimit: 30_000 }
  const found = await fc.check(isOn ? passingErrors(property) : property, options)
  return { runs: found.numRuns, caught: found.failed ? caughtIn(found.errorInstance) : undefined }
}

const scene = async (
  id: string,
  { breaks }: Mutant,
  isOn: boolean,
): Promise<Omit<Catch, 'by' | 'runs'> | undefined> => {
  const caught = (error: unknown) => {
    // A store may answer a scenario with a store error; any other error is a bug of the mutant.
    if (error instanceof TrialFailed || isStoreError(error)) return { laws: [id], text: `${error}` }
    throw error
  }
  const lockTrial = lockTrials.find((each) => each.id === id)
  if (lockTrial && breaks.locks) {
    const locks = breaks.locks(isOn)
    const problems = await lockTrial.play(locks, locks)
    return problems.length > 0 ? caught(new TrialFailed(lockTrial, problems)) : undefined
  }
  const trial = storeTrials.find((each) => each.id === id)
  if (!trial) throw new Error(`${id} is neither a mode nor a scenario`)
  const open = isOn && breaks.open ? breaks.open : createShop
  const opened = (options: ShopOptions<never>) => brokenShop(open(options), breaks, isOn)
  return playTrial(trial, harnessOf(breaks, isOn), opened as OpenShop).then(() => undefined, caught)
}

/** Plays the modes and scenarios of the mutant in turn until one breaks a law. Undefined if the mutant survives. */
export const hunt = async (mutant: Mutant, options: HuntOptions): Promise<Catch | undefined> => {
  let runs = 0
  for (const by of mutant.fits) {
    const mode = modes.find(({ id }) => id === by)
    const played = mode
      ? await play(mode, mutant, options)
      : { runs: 1, caught: await scene(by, mutant, options.isOn ?? true) }
    runs += played.runs
    if (played.caught) return { by, runs, ...played.caught }
  }
  return undefined
}
