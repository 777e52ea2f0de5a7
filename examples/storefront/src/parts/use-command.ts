import { isShopProblem, newIdempotencyKey, type ShopClient } from '@shop/server-express/client'
import { useRef } from 'preact/hooks'
import { clientOf } from '../state/api.js'
import { session } from '../state/session.js'

/** The result of a command. */
export interface Sent<Result> {
  readonly result: Result
  /** The server had the same request before: this one changed nothing. */
  readonly isReplay: boolean
}

type KeyHeader = Record<'idempotency-key', string>

type Send = <Body extends object, Result>(
  body: Body,
  call: (shop: ShopClient, body: Body, headers: KeyHeader) => Promise<Result>,
) => Promise<Sent<Result>>

/** Whether the server has decided the request. Any other request may have been accepted without our knowledge. */
const isDecided = (error: unknown): boolean =>
  isShopProblem(error) && error.status < 500 && error.code !== 'IDEMPOTENCY_IN_PROGRESS'

/**
 * Sends a command that moves money. If no answer arrives, sending the same body again uses the same key, so that it takes
 * effect once.
 */
export const useCommand = (): Send => {
  const undecided = useRef<{ readonly text: string; readonly key: string }>()
  return async (body, call) => {
    const text = JSON.stringify(body)
    const { key } = undecided.current?.text === text ? undecided.current : { key: newIdempotencyKey() }
    undecided.current = { text, key }
    let attempts = 0
    let isReplay = false
    const client = clientOf(
      () => session.value?.token,
      async (request) => {
        attempts += 1
        const response = await fetch(request)
        // A replay for a later attempt is the first result of this call.
        isReplay = attempts === 1 && response.headers.get('idempotent-replayed') === 'true'
        return response
      },
    )
    try {
      const result = await call(client, body, { 'idempotency-key': key })
      undecided.current = undefined
      return { result, isReplay }
    } catch (error) {
      if (isDecided(error)) undecided.current = undefined
      throw error
    }
  }
}
