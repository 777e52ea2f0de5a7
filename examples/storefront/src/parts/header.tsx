import { hrefOf, route } from '../state/route.js'
import { isChoosing, session } from '../state/session.js'
import { language, type Theme, theme } from '../state/settings.js'
import { personOf, words } from '../words/words.js'

const themes: readonly Theme[] = ['auto', 'light', 'dark']

const Settings = () => {
  const { settings } = words.value
  return (
    <div class="settings">
      <label class="quiet">
        <span class="hidden">{settings.theme}</span>
        <select
          value={theme.value}
          onChange={({ currentTarget }) => {
            theme.value = currentTarget.value as Theme
          }}
        >
          {themes.map((each) => (
            <option key={each} value={each}>
              {settings.themes[each]}
            </option>
          ))}
        </select>
      </label>
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
            <Area href={hrefOf({ page: 'operations' })} text={areas.operations} isHere={page === 'operations'} />
          </ul>
        </nav>
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
