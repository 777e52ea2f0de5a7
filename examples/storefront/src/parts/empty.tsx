import { hrefOf } from '../state/route.js'
import { words } from '../words/words.js'

/** Says that there is nothing yet, and where to find something. */
export const Empty = ({ text }: { text: string }) => (
  <p class="soft">
    {text} <a href={hrefOf({ page: 'products' })}>{words.value.products.back}</a>
  </p>
)
