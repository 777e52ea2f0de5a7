import { nameOf } from '../words/words.js'

const hueOf = (id: string): number => [...id].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 360, 7)

/** In the place of a picture: the first letter on a colour of its own. */
export const Tile = ({ id, name, size = 'small' }: { id: string; name: string; size?: 'small' | 'large' }) => (
  <span class={`tile ${size}`} style={`--hue:${hueOf(id)}`} aria-hidden="true">
    {[...nameOf(name).replace(/^[^\p{L}]+/u, '')][0]?.toUpperCase()}
  </span>
)
