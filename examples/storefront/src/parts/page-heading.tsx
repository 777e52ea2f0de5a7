import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { hasMoved } from '../state/route.js'
import { words } from '../words/words.js'

interface PageHeadingProps {
  readonly text: string
  readonly children?: ComponentChildren
}

/** The heading of a page. Before the first paint it sets the tab title, and takes the focus after a navigation. */
export const PageHeading = ({ text, children }: PageHeadingProps) => {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    document.title = `${text} · ${words.value.title}`
  }, [text])
  useLayoutEffect(() => {
    if (hasMoved.value) heading.current?.focus()
  }, [])
  return (
    <div class="page-heading">
      <h1 ref={heading} tabIndex={-1}>
        {text}
      </h1>
      {children}
    </div>
  )
}
