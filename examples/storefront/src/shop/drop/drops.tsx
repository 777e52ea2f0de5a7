import { Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { words } from '../../words/words.js'
import { DropCard } from './drop-card.js'
import { useDrops } from './use-drops.js'

/** All drops that are open or to open. */
export const Drops = () => {
  const { drops, places } = words.value
  const { data, failure, reload } = useDrops()
  return (
    <>
      <PageHeading text={places.drops} />
      <p class="lead">{drops.lead}</p>
      {data ? (
        <ul class="drop-list">
          {data.products.map((product) => (
            <li key={product.productId}>
              <DropCard product={product} />
            </li>
          ))}
        </ul>
      ) : (
        <Pending failure={failure} reload={reload} />
      )}
      {data?.products.length === 0 && <p class="soft">{drops.empty}</p>}
    </>
  )
}
