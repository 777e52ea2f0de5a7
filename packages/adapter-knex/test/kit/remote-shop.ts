import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type IdempotencyKey, type Policies, type Refusal, type Shop, ShopRefusal, ShopUnavailable } from '@shop/core'
import type { Clock } from '@shop/core/store'
import { build } from 'tsup'

type Asked =
  | { readonly do: 'open'; readonly url: string; readonly policies: Policies }
  | {
      readonly do: 'execute'
      readonly now: number
      readonly command: string
      readonly input: unknown
      readonly key?: IdempotencyKey | undefined
    }
  | {
      readonly do: 'read'
      readonly now: number
      readonly noun: string
      readonly method: string
      readonly input: unknown
    }

/** A request to the other process. The reply has the same number. */
export type Ask = Asked & { readonly id: number }

export interface ShopReply {
  readonly id: number
  readonly value?: unknown
  readonly refusal?: Refusal
  readonly unavailable?: { readonly message: string; readonly ambiguous: boolean }
  readonly error?: string
}

export interface ShopProcess {
  /** The shop in the other process, on a store of its own. */
  open(url: string, policies: Policies, clock: Clock): Promise<Shop<never>>
  stop(): Promise<void>
}

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

const outcomeOf = ({ value, refusal, unavailable, error }: ShopReply): unknown => {
  if (refusal) throw new ShopRefusal(refusal)
  if (unavailable) throw new ShopUnavailable(unavailable.message, unavailable)
  if (error !== undefined) throw new Error(error)
  return value
}

const asking = (child: ChildProcess) => {
  const waiting = new Map<number, (reply: ShopReply) => void>()
  let asked = 0
  child.on('message', (reply: ShopReply) => {
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  return async (ask: Asked): Promise<unknown> => {
    asked += 1
    const id = asked
    const reply = new Promise<ShopReply>((resolve) => waiting.set(id, resolve))
    child.send({ ...ask, id })
    return outcomeOf(await reply)
  }
}

/** A second Node process with shops of its own, built from the current sources. */
export const startShopProcess = async (): Promise<ShopProcess> => {
  const folder = await mkdtemp(join(packageFolder, 'node_modules', '.shop-process-'))
  await build({
    entry: { main: join(packageFolder, 'test/kit/shop-process.ts') },
    outDir: folder,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    noExternal: [/^@shop\//],
    external: ['knex', 'pg'],
    esbuildOptions: (options) => {
      options.conditions = ['@shop/source']
    },
    outExtension: () => ({ js: '.mjs' }),
  })
  const child = fork(join(folder, 'main.mjs'), { serialization: 'advanced' })
  const ask = asking(child)
  return {
    async open(url, policies, clock) {
      await ask({ do: 'open', url, policies })
      const own: Partial<Shop<never>> = {
        policies,
        execute: (async (
          command: { readonly name: string },
          input: unknown,
          options: { idempotency?: IdempotencyKey } = {},
        ) => ask({ do: 'execute', now: clock.now(), command: command.name, input, key: options.idempotency })) as never,
      }
      const reads = (noun: string) =>
        new Proxy(
          {},
          {
            get: (_, method) => (input: unknown) =>
              ask({ do: 'read', now: clock.now(), noun, method: String(method), input }),
          },
        )
      return new Proxy(own, { get: (known, name) => Reflect.get(known, name) ?? reads(String(name)) }) as Shop<never>
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
