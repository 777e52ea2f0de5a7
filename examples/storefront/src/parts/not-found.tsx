import { hrefOf } from '../state/route.js'
import { words } from '../words/words.js'
import { PageHeading } from './page-heading.js'

/** Says that an address leads nowhere, and where to go on. */
export const NotFound = ({ of = 'page' }: { of?: 'page' | 'product' }) => {
  const { notFound } = words.value.drops
  return (
    <section class="not-found">
      <p class="figure" aria-hidden="true">
        404
      </p>
      <PageHeading text={of === 'page' ? notFound.title : notFound.product} />
      <p class="lead">{of === 'page' ? notFound.text : notFound.productText}</p>
      <a class="action" href={hrefOf({ page: 'products' })}>
        {notFound.home}
      </a>
    </section>
  )
}
