import type { ComponentChildren } from 'preact'
import { hrefOf, type Route } from '../state/route.js'

export interface PlaceLink {
  readonly to: Route
  readonly text: string
  readonly isHere: boolean
  readonly mark?: ComponentChildren
}

/** The places of an area. */
export const Places = ({ label, links }: { label: string; links: readonly PlaceLink[] }) => (
  <nav class="places" aria-label={label}>
    <ul>
      {links.map(({ to, text, isHere, mark }) => (
        <li key={text}>
          <a href={hrefOf(to)} aria-current={isHere ? 'page' : undefined}>
            {text}
            {mark}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)
