import { z } from 'zod'
import type { DemoUser, SignInWay } from '../../demo/demo.js'
import { demoAccounts } from '../../demo/demo.js'
import { type Rush, type RushMode, rushModes } from '../../demo/rush/rush.js'
import { count, currency, id } from './fields.js'
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
  /** The modes of a rush that this server can run. */
  readonly modes: readonly RushMode[]
  readonly most: { readonly quantity: number; readonly buyers: number; readonly concurrency: number }
  /** The currency of all amounts; absent if the shop names none. */
  readonly currency?: string | undefined
}

export const demoView = (
  signIn: SignInWay,
  { modes, currency }: { readonly modes: readonly RushMode[]; readonly currency: string | undefined },
): DemoView => ({
  users: demoAccounts,
  signIn,
  modes,
  most,
  ...(currency !== undefined && { currency }),
})

const mode = z.enum(rushModes).meta({
  description:
    '`grouped`: this shop, called inside the server. `one-by-one`: one transaction per command. `naive`: a shop on tables ' +
    'of its own that reads the stock, checks it and writes it back; it sells too much. `http`: this shop, by requests ' +
    'of the server to itself. `two-servers`: two shops that share nothing but the database.',
})

export const demo: z.ZodType<DemoView> = z
  .strictObject({
    users: z.array(z.strictObject({ userId, isAdministrator: z.boolean() })),
    signIn: z.enum(['token', 'open', 'elsewhere']).meta({
      description:
        '`token`: ask this server for a token. `open`: no token is needed. `elsewhere`: use a token from another issuer.',
    }),
    modes: z.array(mode).meta({ description: 'The modes of a rush that this server can run' }),
    most: z
      .strictObject({ quantity: count, buyers: count, concurrency: count })
      .meta({ description: 'The largest values that a rush accepts' }),
    currency,
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
    modes: z
      .array(mode)
      .min(1)
      .max(rushModes.length)
      .refine((modes) => new Set(modes).size === modes.length, { error: 'must not name a mode twice' })
      .meta({ description: 'The runs, in this order. Each sells the whole quantity to all buyers' }),
  })
  .meta({
    examples: [{ kind: 'coupons', quantity: 100, buyers: 5_000, concurrency: 1_000, modes: ['grouped', 'naive'] }],
  })
  .register(requests, { id: 'StartRush' })

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
    remaining: z.int().meta({ description: 'The quantity less `won`. Negative if the run sold too much' }),
    sold: count.nullable().meta({ description: 'Sold or issued, counted in the store after the run. Null until then' }),
    wonByServer: z.array(count).meta({ description: '`won` by server: one number, or two for `two-servers`' }),
    connections: count.meta({
      description: 'Connections that the run opened for itself: to the database, or for `http` to the server',
    }),
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
    modes: z.array(mode),
    state: z.enum(['preparing', 'running', 'checking', 'done', 'failed']),
    prepared: count.meta({ description: 'Buyers whose wallets are ready' }),
    runs: z.array(run),
    proofs: z
      .array(
        z.strictObject({
          proof: z.enum([
            'nothing-oversold',
            'stock-conserved',
            'nothing-held',
            'one-each',
            'servers-add-up',
            'money-conserved',
          ]),
          mode: mode.nullable(),
          holds: z.boolean(),
          numbers: z.record(z.string(), z.number()),
        }),
      )
      .meta({ description: 'Sums that must hold, with the numbers found in the store. Not of `naive`' }),
    laws: z
      .array(z.strictObject({ law: z.string(), sentence: z.string(), checked: count, broken: count }))
      .meta({ description: 'The laws of the shop, checked against all data in the store' }),
  })
  .register(responses, { id: 'Rush' })
