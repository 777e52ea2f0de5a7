import { useEffect, useState } from 'preact/hooks'
import { words } from '../words/words.js'

const shownMs = 2_000

/** A text to use elsewhere, with a button that copies it. Where the browser does not copy, the text can be selected. */
export const Copyable = ({ text }: { text: string }) => {
  const { catalog } = words.value
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), shownMs)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    )
  return (
    <span class="copyable">
      <code>{text}</code>
      <button type="button" class="small" aria-label={catalog.copy(text)} onClick={() => void copy()}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={isCopied ? 'M5 12.5l4.5 4.5L19 7.5' : 'M9 9h10v11H9zM5 15V4h10'} />
        </svg>
      </button>
      <span class="hidden" role="status">
        {isCopied ? catalog.copied : ''}
      </span>
    </span>
  )
}
