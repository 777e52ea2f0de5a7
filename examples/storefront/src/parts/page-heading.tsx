import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { hasMoved } from '../state/route.js'
import { words } from '../words/words.js'

interface PageHeadingProps {
  readonly text: string
  readonly children?: ComponentChildren
}

/** The heading of a page: names the tab, and takes the focus when somebody has come here from another page, both before it is seen. */
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
