import { isShopProblem } from '@shop/server-express/client'
import { useEffect } from 'preact/hooks'
import { NotFound } from '../../parts/not-found.js'
import { Pending, Refusal } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { Picture } from '../../parts/picture.js'
import { Price } from '../../parts/price.js'
import { hrefOf } from '../../state/route.js'
import { useServerTime } from '../../state/server-clock.js'
import { type Explained, refusedLines } from '../../words/refusals.js'
import { explained, nameOf, words } from '../../words/words.js'
import { Terms } from '../terms.js'
import { Actions } from './actions.js'
import { DropCard } from './drop-card.js'
import { dropState, instantOf } from './drop-state.js'
import { Stage } from './stage.js'
import { useDrops } from './use-drops.js'
import { buyer, useOwnOrders } from './use-own-orders.js'
import { useProduct } from './use-product.js'
import { type Purchase, usePurchase } from './use-purchase.js'

/** A refusal in the words of one who wants this product, not of one who fills a basket. */
const explainTry = (failure: unknown): Explained => {
  const { missed, gone } = words.value.drops.refused
  if (isShopProblem(failure, 'STOCK_INSUFFICIENT', 'PRODUCT_SOLD_OUT')) return missed
  if (isShopProblem(failure, 'PRODUCT_NOT_FOUND')) return gone
  return explained(failure)
}

/** What the buyer's last step came to. A hold that ended before this visit is told as well. */
const Result = ({ purchase, hasExpired }: { purchase: Purchase; hasExpired: boolean }) => {
  const { action, note } = purchase
  const text = note ?? (hasExpired ? words.value.drops.result.expired : undefined)
  const isBad = text === words.value.drops.result.expired
  return (
    <div class="drop-result" role="status">
      {action.failure !== undefined ? (
        <Refusal failure={action.failure} explain={explainTry} isMild={refusedLines(action.failure).length > 0} />
      ) : (
        !action.isBusy && text !== undefined && <p class={isBad ? 'notice mild' : 'notice good'}>{text}</p>
      )}
    </div>
  )
}

/** Units that a buyer has by the words of a refusal: the list of orders may be too short to show them. */
const boughtBy = (failure: unknown, productId: string): number =>
  refusedLines(failure).find((line) => line.productId === productId)?.bought ?? 0

const Steps = () => {
  const { steps, serverClock } = words.value.drops
  return (
    <section class="steps">
      <h2>{steps.title}</h2>
      <ol>
        <li>{steps.wait}</li>
        <li>{steps.hold}</li>
        <li>{steps.pay}</li>
      </ol>
      <p class="soft">{serverClock}</p>
    </section>
  )
}

export const DropPage = ({ productId }: { productId: string }) => {
  const { drops, places } = words.value
  const userId = buyer()
  const list = useDrops()
  const { product, failure, connection, whole, reload } = useProduct(productId)
  const owned = useOwnOrders(userId, productId)
  const purchase = usePurchase(userId ?? '', productId, owned.reload)
  const bought = Math.max(owned.own.bought, boughtBy(purchase.action.failure, productId))
  const own = { ...owned.own, bought }
  const opensAt = instantOf(product?.opensAt)
  const now = useServerTime([opensAt, instantOf(product?.closesAt), instantOf(own.held?.expiresAt)])
  const state = product && dropState(product, own, now)
  const hasHoldEnded = own.held !== undefined && state !== undefined && state.kind !== 'held'
  useEffect(() => {
    if (!hasHoldEnded) return
    purchase.expire()
    void owned.reload()
  }, [hasHoldEnded])
  const isMoved = isShopProblem(purchase.action.failure) && purchase.action.failure.status === 409
  useEffect(() => {
    if (isMoved) void Promise.all([reload(), list.reload()])
  }, [isMoved])

  if (isShopProblem(failure, 'PRODUCT_NOT_FOUND', 'INVALID_REQUEST')) return <NotFound of="product" />
  const isClockKnown = list.data !== undefined || list.failure !== undefined
  if (!product || !state || !isClockKnown || !owned.isKnown) {
    return (
      <>
        <PageHeading text={places.drops} />
        <Pending failure={product ? undefined : failure} reload={reload} />
      </>
    )
  }
  const others = list.data?.products.filter((each) => each.productId !== productId) ?? []
  const nextRound = others.find(({ name }) => name === product.name)
  const endedAt = instantOf(own.expired?.expiresAt)
  const hasExpired = endedAt !== undefined && endedAt >= (opensAt ?? 0) && state.kind !== 'held'
  return (
    <>
      <article class="drop">
        <div class="drop-scene">
          <Picture productId={productId} isFirst />
        </div>
        <div class="drop-panel">
          <p class="crumb">
            <a href={hrefOf({ page: 'drops' })}>← {drops.all}</a>
          </p>
          <PageHeading text={nameOf(product.name)} />
          <div class="drop-terms">
            <Price product={product} isLarge />
            <Terms product={product} isHoursShown={false} />
          </div>
          <Stage product={product} state={state} now={now} whole={whole} connection={connection} />
          <Actions state={state} product={product} nextRound={nextRound} bought={own.bought} purchase={purchase} />
          <Result purchase={purchase} hasExpired={hasExpired} />
        </div>
      </article>
      <Steps />
      {others.length > 0 && (
        <section>
          <h2>{drops.others}</h2>
          <ul class="drop-list">
            {others.slice(0, 3).map((each) => (
              <li key={each.productId}>
                <DropCard product={each} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
