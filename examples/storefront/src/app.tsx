import { Lab } from './lab/lab.js'
import { Operations } from './operations/operations.js'
import { Header } from './parts/header.js'
import { SignInDialog } from './parts/sign-in.js'
import { Shop } from './shop/shop.js'
import { route } from './state/route.js'
import { words } from './words/words.js'

const Area = () => {
  const here = route.value
  if (here.page === 'lab') return <Lab />
  if (here.page === 'operations') return <Operations here={here} />
  return <Shop />
}

export const App = () => (
  <>
    <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('h1')?.focus()}>
      {words.value.skip}
    </button>
    <Header />
    <main>
      <Area />
    </main>
    <footer>
      <p>
        @shop · {words.value.tagline} · <a href="docs">{words.value.settings.api}</a>
      </p>
    </footer>
    <SignInDialog />
  </>
)
