import { z } from 'zod'
import type { DemoUser, SignInWay } from '../../demo/demo.js'
import { demoAccounts } from '../../demo/demo.js'
import type { Rush } from '../../demo/rush/rush.js'
import { count, id } from './fields.js'
import { answers, requests } from './registries.js'

const userId = z.enum(demoAccounts.map((account) => account.userId) as [string, ...string[]])

export const signIn = z
  .strictObject({ userId })
  .meta({ examples: [{ userId: 'demo-mina' }] })
  .register(requests, { id: 'SignIn' })

export interface SignedIn extends DemoUser {
  /** Null where everybody is let in without one. */
  readonly token: string | null
}

export const signedIn: z.ZodType<SignedIn> = z
  .strictObject({
    userId,
    isAdministrator: z.boolean(),
    token: z.string().nullable().meta({ description: 'Null where everybody is let in without one' }),
  })
  .register(answers, { id: 'SignedIn' })

/** Bounds of a rush: enough to see the difference, not enough to fill a disk. */
const most = { quantity: 20_000, buyers: 20_000, concurrency: 2_000 } as const

export interface DemoView {
  readonly users: readonly DemoUser[]
  readonly signIn: SignInWay
  readonly most: { readonly quantity: number; readonly buyers: number; readonly concurrency: number }
}

export const demoView = (signInWay: SignInWay): DemoView => ({ users: demoAccounts, signIn: signInWay, most })

export const demo: z.ZodType<DemoView> = z
  .strictObject({
    users: z.array(z.strictObject({ userId, isAdministrator: z.boolean() })),
    signIn: z.enum(['token', 'open', 'elsewhere']).meta({
      description: 'By asking for a token; without one; or with a token that others make',
    }),
    most: z
      .strictObject({ quantity: count, buyers: count, concurrency: count })
      .meta({ description: 'The largest rush' }),
  })
  .register(answers, { id: 'Demo' })

const upTo = (maximum: number) => z.int().min(1).max(maximum)
const kind = z.enum(['stock', 'coupons'])

export const startRush = z
  .strictObject({
    kind,
    quantity: upTo(most.quantity).meta({ description: 'Units or coupons there are' }),
    buyers: upTo(most.buyers),
    concurrency: upTo(most.concurrency).meta({ description: 'Buyers waiting for an answer at any time, at most' }),
    comparison: z.boolean().meta({ description: 'Run it a second time with every command in its own transaction?' }),
  })
  .meta({ examples: [{ kind: 'coupons', quantity: 100, buyers: 5_000, concurrency: 1_000, comparison: true }] })
  .register(requests, { id: 'StartRush' })

const mode = z.enum(['grouped', 'one-by-one'])

const run = z
  .strictObject({
    mode,
    state: z.enum(['waiting', 'running', 'done']),
    subjectId: id.meta({ description: 'The product or the coupon' }),
    elapsedMs: count,
    answered: count,
    won: count,
    refused: count,
    unavailable: count.meta({ description: 'Buyers who were told to come back later' }),
    remaining: z.int(),
    answersPerSecond: count,
    latencyMs: z
      .strictObject({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() })
      .meta({ description: "From a buyer's click to the last answer, payment included" }),
    groups: z
      .strictObject({ count, meanSize: z.number(), largest: count })
      .meta({ description: 'Transactions, and commands in one of them' }),
    samples: z.array(z.strictObject({ atMs: count, answered: count, remaining: z.int(), answersPerSecond: count })),
  })
  .register(answers, { id: 'RushRun' })

export const rush: z.ZodType<Rush> = z
  .strictObject({
    rushId: id,
    kind,
    quantity: count,
    buyers: count,
    concurrency: count,
    comparison: z.boolean(),
    state: z.enum(['preparing', 'running', 'checking', 'done', 'failed']),
    prepared: count.meta({ description: 'Buyers who are there with their money' }),
    runs: z.array(run),
    proofs: z
      .array(
        z.strictObject({
          proof: z.enum(['nothing-oversold', 'stock-conserved', 'nothing-held', 'one-each', 'money-conserved']),
          mode: mode.nullable(),
          holds: z.boolean(),
          numbers: z.record(z.string(), z.number()),
        }),
      )
      .meta({ description: 'Sums that have to come out, with the numbers that are in the store' }),
    laws: z
      .array(z.strictObject({ law: z.string(), sentence: z.string(), checked: count, broken: count }))
      .meta({ description: 'The laws of the shop, held against everything that is in the store' }),
  })
  .register(answers, { id: 'Rush' })
