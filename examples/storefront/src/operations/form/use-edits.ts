import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** Edits that are not saved, by what they change. They outlive the screen, so an administrator can leave and continue. */
const kept = signal<Readonly<Record<string, object>>>({})

export interface Edits<Typed extends object> {
  /** What the form shows: the saved values under the edited ones. */
  readonly typed: Typed
  /** The names of the fields that differ from the saved ones. */
  readonly changed: readonly (keyof Typed)[]
  set(part: Partial<Typed>): void
  /** Forgets all edits. */
  discard(): void
}

/** The edits of one thing. A field that nobody has edited follows what is saved. */
export const useEdits = <Typed extends object>(key: string, saved: Typed): Edits<Typed> => {
  const edits = (kept.value[key] ?? {}) as Partial<Typed>
  const typed: Typed = { ...saved, ...edits }
  const changed = (Object.keys(saved) as (keyof Typed)[]).filter((name) => typed[name] !== saved[name])
  const isDirty = changed.length > 0
  useEffect(() => {
    if (!isDirty) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isDirty])
  return {
    typed,
    changed,
    set(part) {
      kept.value = { ...kept.value, [key]: { ...kept.value[key], ...part } }
    },
    discard() {
      const { [key]: _, ...others } = kept.value
      kept.value = others
    },
  }
}
