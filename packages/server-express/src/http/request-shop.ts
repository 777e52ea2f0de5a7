import type { CallContext, CallOptions, Shop } from '@shop/core'
import { jsonObject } from '@shop/core/commands'
import type { Request } from 'express'
import type { Caller } from './caller.js'

/**
 * What the guards of a request know beside its rows and its input. It is called once for each request that runs a command or
 * a quote, after authorisation and the rate limit. On a public route the caller is `anonymous`.
 */
export type ContextOf = (request: Request, caller: Caller) => CallContext | Promise<CallContext>

/** @throws Error if the host made something else than a context: that is its bug, not the client's. */
export const contextFor = async (contextOf: ContextOf, request: Request, caller: Caller): Promise<CallContext> => {
  const context = await contextOf(request, caller)
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
