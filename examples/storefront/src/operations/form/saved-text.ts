import { words } from '../../words/words.js'

interface Saved<Typed extends object> {
  /** What was saved when the editing began. */
  readonly before: Typed
  /** What is saved now. */
  readonly now: Typed
  /** The fields that this administrator has changed. */
  readonly changed: readonly (keyof Typed)[]
  labelOf(name: keyof Typed): string
}

/** Says that the changes are saved, and names the fields that somebody else has changed meanwhile. */
export const savedText = <Typed extends object>({ before, now, changed, labelOf }: Saved<Typed>): string => {
  const { catalog } = words.value
  const names = Object.keys(now) as (keyof Typed)[]
  const others = names.filter((name) => !changed.includes(name) && now[name] !== before[name])
  return others.length === 0 ? catalog.saved : `${catalog.saved} ${catalog.meanwhile(others.map(labelOf).join(', '))}`
}
