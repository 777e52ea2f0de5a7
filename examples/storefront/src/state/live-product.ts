import { isShopProblem } from '@shop/server-express/client'
import { useEffect, useState } from 'preact/hooks'
import { baseUrl, type Product } from './api.js'
import { learnServerTime } from './server-clock.js'
import { shop } from './session.js'

/** How the page learns of changes: by the stream, by asking every few seconds, or not at all. */
export type Connection = 'stream' | 'polling' | 'offline'

/** What changes of a product while somebody looks at it. */
export type LiveState = Pick<Product, 'stock' | 'price' | 'opensAt' | 'closesAt'>

/** The data of an event of the stream. `now` is the server's time when it was read, ISO. */
interface LiveProduct extends LiveState {
  readonly now: string
}

interface Watcher {
  onState(state: LiveState): void
  onConnection(connection: Connection): void
}

/** A server that restarts is back within this time; only then the page asks by itself. */
const graceMs = 2_000
const pollMs = 3_000
/** A stream that the server has refused, for example because it has too many, is tried again after this time. */
const retryMs = 15_000

const stateOf = ({ stock, price, opensAt, closesAt }: LiveState): LiveState => ({
  stock,
  price,
  ...(opensAt !== undefined && { opensAt }),
  ...(closesAt !== undefined && { closesAt }),
})

/** Watches a product until the returned function is called. */
const watch = (productId: string, { onState, onConnection }: Watcher): (() => void) => {
  const address = `${baseUrl}/api/products/${encodeURIComponent(productId)}/live`
  let stream: EventSource | undefined
  let polling: ReturnType<typeof setTimeout> | undefined
  let reopening: ReturnType<typeof setTimeout> | undefined
  let hasEnded = false

  const poll = async (): Promise<void> => {
    let isReachable = true
    try {
      const product: Product = await shop.get('/api/products/{productId}', { params: { path: { productId } } })
      if (polling !== undefined) onState(stateOf(product))
    } catch (error) {
      isReachable = isShopProblem(error)
    }
    if (hasEnded || polling === undefined) return
    onConnection(isReachable ? 'polling' : 'offline')
    polling = setTimeout(poll, pollMs)
  }

  const open = (): void => {
    stream?.close()
    clearTimeout(reopening)
    stream = new EventSource(address)
    stream.addEventListener('product', ({ data }: MessageEvent<string>) => {
      const state: LiveProduct = JSON.parse(data)
      clearTimeout(polling)
      polling = undefined
      learnServerTime(state.now)
      onState(stateOf(state))
      onConnection('stream')
    })
    stream.addEventListener('error', () => {
      polling ??= setTimeout(poll, graceMs)
      if (stream?.readyState === EventSource.CLOSED) {
        clearTimeout(reopening)
        reopening = setTimeout(open, retryMs)
      }
    })
  }

  const goOffline = (): void => onConnection('offline')
  open()
  addEventListener('online', open)
  addEventListener('offline', goOffline)
  return () => {
    hasEnded = true
    stream?.close()
    clearTimeout(polling)
    clearTimeout(reopening)
    removeEventListener('online', open)
    removeEventListener('offline', goOffline)
  }
}

export interface Live {
  /** Undefined until the first state is known. */
  readonly state: LiveState | undefined
  /** Undefined until the first state is known. */
  readonly connection: Connection | undefined
}

/** The state of a product as it changes. */
export const useLive = (productId: string): Live => {
  const [state, setState] = useState<LiveState>()
  const [connection, setConnection] = useState<Connection>()
  useEffect(() => watch(productId, { onState: setState, onConnection: setConnection }), [productId])
  return { state, connection }
}
