import { useState } from 'preact/hooks'
import { Outcome, Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { useAction } from '../../parts/use-action.js'
import { instantOf } from '../../shop/drop/drop-state.js'
import type { Product } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { serverNow } from '../../state/server-clock.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { nameOf, words } from '../../words/words.js'
import { DropCard, type DropChange } from './drop-card.js'
import { useDropBoard } from './use-drop-board.js'

const setHours = (productId: string, body: { readonly opensAt?: string | null; readonly closesAt?: string | null }) =>
  shop.patch('/api/admin/products/{productId}', { params: { path: { productId } }, body })

const hoursBefore = ({ product: { opensAt, closesAt }, kind }: DropChange) =>
  kind === 'opened' ? { opensAt: opensAt ?? null } : { closesAt: closesAt ?? null }

interface PartProps {
  readonly title: string
  readonly products: readonly Product[]
  readonly isBusy: boolean
  readonly onChange: (change: DropChange) => void
}

const Part = ({ title, products, ...rest }: PartProps) => (
  <section>
    <h2>{title}</h2>
    <ul class="drop-board">
      {products.map((product) => (
        <DropCard key={product.productId} product={product} {...rest} />
      ))}
    </ul>
  </section>
)

/** The drops that run and those that come, with their live stock. */
export const DropBoard = () => {
  const { catalog } = words.value
  const texts = catalog.drops
  const { data, failure, reload } = useDropBoard()
  const action = useAction()
  const [last, setLast] = useState<DropChange>()
  const change = (next: DropChange) =>
    action.run(async () => {
      const { productId, name } = next.product
      const now = new Date(serverNow()).toISOString()
      setLast(undefined)
      await setHours(productId, next.kind === 'opened' ? { opensAt: now } : { closesAt: now })
      setLast(next)
      await reload()
      return texts[next.kind](nameOf(name))
    })
  const undo = (before: DropChange) =>
    action.run(async () => {
      await setHours(before.product.productId, hoursBefore(before))
      setLast(undefined)
      await reload()
      return catalog.undone
    })
  const hasOpened = ({ opensAt }: Product) => (instantOf(opensAt) ?? 0) <= serverNow()
  const running = data?.products.filter(hasOpened) ?? []
  const coming = data?.products.filter((product) => !hasOpened(product)) ?? []
  const common = { isBusy: action.isBusy, onChange: (next: DropChange) => void change(next) }
  return (
    <>
      <PageHeading text={texts.title} />
      <p class="lead">{texts.lead}</p>
      <Outcome action={action} explain={explainedToOperator}>
        {last && (
          <button type="button" onClick={() => void undo(last)}>
            {catalog.undo}
          </button>
        )}
      </Outcome>
      {data ? (
        <>
          {failure !== undefined && <p class="soft stale">{texts.stale}</p>}
          {running.length > 0 && <Part title={texts.running} products={running} {...common} />}
          {coming.length > 0 && <Part title={texts.coming} products={coming} {...common} />}
          {data.products.length === 0 && (
            <section class="card narrow">
              <h2>{texts.none}</h2>
              <p class="soft">{texts.how}</p>
              <p class="more">
                <a href={hrefOf({ page: 'operations', place: 'products' })}>{catalog.products.all}</a>
              </p>
            </section>
          )}
        </>
      ) : (
        <Pending failure={failure} reload={reload} explain={explainedToOperator} />
      )}
    </>
  )
}
