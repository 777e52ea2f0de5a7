import { words } from '../../words/words.js'

interface SaveBarProps {
  /** The names of the changed fields, as the form labels them. */
  readonly changed: readonly string[]
  /** The number of fields that are wrong. */
  readonly wrong: number
  readonly isBusy: boolean
  readonly onDiscard: () => void
}

/** What a form has not saved yet, and the buttons that end this. It stays in view below a long form. */
export const SaveBar = ({ changed, wrong, isBusy, onDiscard }: SaveBarProps) => {
  const { catalog } = words.value
  const isDirty = changed.length > 0
  return (
    <div class={isDirty ? 'save-bar dirty' : 'save-bar'}>
      <p role="status" class={wrong > 0 ? 'wrong' : isDirty ? undefined : 'soft'}>
        {wrong > 0 ? catalog.wrong(wrong) : isDirty ? catalog.unsaved(changed.join(', ')) : catalog.allSaved}
      </p>
      <button type="button" class="quiet" aria-disabled={!isDirty} onClick={() => isDirty && onDiscard()}>
        {catalog.discard}
      </button>
      <button type="submit" class="main" aria-disabled={isBusy || !isDirty}>
        {catalog.save}
      </button>
    </div>
  )
}
