import { nameOf } from '../words/words.js'
import { pictures } from './pictures.js'

const hueOf = (id: string): number => [...id].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 360, 7)

const firstLetter = (name: string): string | undefined => [...nameOf(name).replace(/^[^\p{L}]+/u, '')][0]?.toUpperCase()

/** Replaces a photograph: a line drawing, or the first letter, on a colour for each product. */
export const Tile = ({ id, name, size = 'small' }: { id: string; name: string; size?: 'small' | 'large' }) => {
  const picture = pictures[id]
  return (
    <span class={`tile ${size}`} style={`--hue:${hueOf(id)}`} aria-hidden="true">
      {picture ? (
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={picture} />
        </svg>
      ) : (
        firstLetter(name)
      )}
    </span>
  )
}
