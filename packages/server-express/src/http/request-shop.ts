import type { CallContext, CallOptions, Shop } from '@shop/core'
import { jsonObject } from '@shop/core/commands'
import type { Request } from 'express'
import type { Caller } from './caller.js'

/** What a request is about: the user that it names, and its validated parts. */
export interface RequestTarget {
  /**
   * The user that the request names. An administrator may name any user, every other caller only itself. Undefined if the
   * request names none.
   */
  readonly userId: string | undefined
  /** The shop of the request, on a server of many shops. Guards serve all of them: a rule about one shop needs its id. */
  readonly shopId?: string | undefined
  /** The path parameters by name: ids. */
  readonly params: unknown
  /** The body, with defaults. */
  readonly body: unknown
}

/**
 * What the guards of a request know beside its rows and its input. It is called once for each request that runs a command or
 * a quote, after authorisation and the rate limit. On a public route, and with authentication off, the caller is
 * `anonymous`. A rule about the user who gets the order uses `target.userId`: an administrator orders for others.
 */
export type ContextOf = (request: Request, caller: Caller, target: RequestTarget) => CallContext | Promise<CallContext>

/** @throws Error if the host made something else than a context: that is its bug, not the client's. */
export const contextFor = async (
  contextOf: ContextOf,
  ...[request, caller, target]: Parameters<ContextOf>
): Promise<CallContext> => {
  const context = await contextOf(request, caller, target)
  const wrong = jsonObject(context)
  if (wrong !== undefined) throw new Error(`createServer: what context(request) returns ${wrong}`)
  return context
}

type Read<Noun, Names extends keyof Noun> = Pick<Noun, Names>

/** The shop as routes see it: reads, and the ways to run a command that carry the context of the request. */
export interface RequestShop extends Pick<Shop, 'execute' | 'audit' | 'statement' | 'policies' | 'currency'> {
  readonly balance: Read<Shop['balance'], 'get' | 'history' | 'entries'>
  readonly products: Read<Shop['products'], 'get' | 'list' | 'top' | 'drops' | 'listAll' | 'find'>
  readonly coupons: Read<Shop['coupons'], 'get' | 'list' | 'claimable' | 'ofUser'>
  readonly orders: Read<Shop['orders'], 'get' | 'list' | 'quote'>
  readonly payments: Read<Shop['payments'], 'get'>
  readonly outbox: Read<Shop['outbox'], 'list' | 'counts'>
  readonly history: Read<Shop['history'], 'losses'>
  readonly upkeep: Read<Shop['upkeep'], 'refreshRanking' | 'flushViews'>
}

/** The shop of one request: its context goes with every command and every quote. */
export const requestShop = (shop: RequestShop, context: CallContext): RequestShop => ({
  ...shop,
  execute: (command, input, options) => shop.execute(command, input, { ...options, context }),
  orders: { ...shop.orders, quote: (input) => shop.orders.quote(input, { context }) },
  upkeep: {
    ...shop.upkeep,
    refreshRanking: (options: CallOptions = {}) => shop.upkeep.refreshRanking({ ...options, context }),
  },
})
