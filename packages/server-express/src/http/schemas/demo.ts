import { z } from 'zod'
import type { DemoUser, SignInWay } from '../../demo/demo.js'
import { demoAccounts } from '../../demo/demo.js'
import type { Rush } from '../../demo/rush/rush.js'
import { count, id } from './fields.js'
import { requests, responses } from './registries.js'

const userId = z.enum(demoAccounts.map((account) => account.userId) as [string, ...string[]])

export const signIn = z
  .strictObject({ userId })
  .meta({ examples: [{ userId: 'demo-mina' }] })
  .register(requests, { id: 'SignIn' })

export interface SignedIn extends DemoUser {
  /** Null if the server needs no token. */
  readonly token: string | null
}

export const signedIn: z.ZodType<SignedIn> = z
  .strictObject({
    userId,
    isAdministrator: z.boolean(),
    token: z.string().nullable().meta({ description: 'Null if the server needs no token' }),
  })
  .register(responses, { id: 'SignedIn' })

/** Limits of a rush: large enough to see the difference, small enough not to fill a disk. */
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
      description:
        '`token`: ask this server for a token. `open`: no token is needed. `elsewhere`: use a token from another issuer.',
    }),
    most: z
      .strictObject({ quantity: count, buyers: count, concurrency: count })
      .meta({ description: 'The largest values that a rush accepts' }),
  })
  .register(responses, { id: 'Demo' })

const upTo = (maximum: number) => z.int().min(1).max(maximum)
const kind = z.enum(['stock', 'coupons'])

export const startRush = z
  .strictObject({
    kind,
    quantity: upTo(most.quantity).meta({ description: 'Units in stock, or copies of the coupon' }),
    buyers: upTo(most.buyers),
    concurrency: upTo(most.concurrency).meta({ description: 'Maximum number of buyers with a request in flight' }),
    comparison: z.boolean().meta({ description: 'Run it a second time, with one transaction per command' }),
  })
  .meta({ examples: [{ kind: 'coupons', quantity: 100, buyers: 5_000, concurrency: 1_000, comparison: true }] })
  .register(requests, { id: 'StartRush' })

const mode = z.enum(['grouped', 'one-by-one'])

const run = z
  .strictObject({
    mode,
    state: z.enum(['waiting', 'running', 'done']),
    subjectId: id.meta({ description: 'Id of the product or the coupon' }),
    elapsedMs: count,
    answered: count,
    won: count,
    refused: count,
    unavailable: count.meta({ description: 'Buyers whose request ended as UNAVAILABLE' }),
    remaining: z.int(),
    answersPerSecond: count,
    latencyMs: z
      .strictObject({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() })
      .meta({ description: "From a buyer's first request to the last response, payment included" }),
    groups: z
      .strictObject({ count, meanSize: z.number(), largest: count })
      .meta({ description: 'Number of transactions, and commands per transaction' }),
    samples: z.array(z.strictObject({ atMs: count, answered: count, remaining: z.int(), answersPerSecond: count })),
  })
  .register(responses, { id: 'RushRun' })

export const rush: z.ZodType<Rush> = z
  .strictObject({
    rushId: id,
    kind,
    quantity: count,
    buyers: count,
    concurrency: count,
    comparison: z.boolean(),
    state: z.enum(['preparing', 'running', 'checking', 'done', 'failed']),
    prepared: count.meta({ description: 'Buyers whose wallets are ready' }),
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
      .meta({ description: 'Sums that must hold, with the numbers found in the store' }),
    laws: z
      .array(z.strictObject({ law: z.string(), sentence: z.string(), checked: count, broken: count }))
      .meta({ description: 'The laws of the shop, checked against all data in the store' }),
  })
  .register(responses, { id: 'Rush' })
