import { hrefOf, route } from '../state/route.js'
import { isChoosing, session } from '../state/session.js'
import { language, type Theme, theme } from '../state/settings.js'
import { personOf, words } from '../words/words.js'
import { HeaderBalance } from './header-balance.js'

const themes: readonly Theme[] = ['auto', 'light', 'dark']

/** Icons: a half-filled disc, a sun and a moon. */
const signs: Readonly<Record<Theme, string>> = {
  auto: 'M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 4v16M15 5v14M18 7v10',
  light:
    'M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M19 5l-1.4 1.4M6.4 17.6L5 19',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
}

const Settings = () => {
  const { settings } = words.value
  return (
    <div class="settings">
      <button
        type="button"
        class="quiet theme"
        title={`${settings.theme}: ${settings.themes[theme.value]}`}
        aria-label={`${settings.theme}: ${settings.themes[theme.value]}`}
        onClick={() => {
          theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto'
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={signs[theme.value]} />
        </svg>
      </button>
      <button
        type="button"
        class="quiet"
        lang={language.value === 'ko' ? 'en' : 'ko'}
        onClick={() => {
          language.value = language.value === 'ko' ? 'en' : 'ko'
        }}
      >
        {settings.language}
      </button>
    </div>
  )
}

const isShopPage = () => !['lab', 'operations'].includes(route.value.page)

const Area = ({ href, text, isHere }: { href: string; text: string; isHere: boolean }) => (
  <li>
    <a href={href} aria-current={isHere ? 'page' : undefined}>
      {text}
    </a>
  </li>
)

export const Header = () => {
  const { areas, sign } = words.value
  const { page } = route.value
  const operations = hrefOf({ page: 'operations', place: 'overview' })
  return (
    <header class="top">
      <div class="top-inner">
        <a class="mark" href="#/" aria-label="@shop">
          @shop
        </a>
        <nav aria-label={areas.label}>
          <ul>
            <Area href={hrefOf({ page: 'products' })} text={areas.shop} isHere={isShopPage()} />
            <Area href={hrefOf({ page: 'lab' })} text={areas.lab} isHere={page === 'lab'} />
            <Area href={operations} text={areas.operations} isHere={page === 'operations'} />
          </ul>
        </nav>
        <HeaderBalance />
        <Settings />
        <button
          type="button"
          class="who"
          aria-haspopup="dialog"
          aria-label={session.value ? sign.as(personOf(session.value.userId)) : sign.in}
          onClick={() => {
            isChoosing.value = true
          }}
        >
          {session.value ? personOf(session.value.userId) : sign.in}
        </button>
      </div>
    </header>
  )
}
