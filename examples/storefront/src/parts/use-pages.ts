import { useEffect, useState } from 'preact/hooks'
import { type Loaded, useLoad } from './use-load.js'

interface Part<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

export interface Pages<Item> extends Omit<Loaded<Part<Item>>, 'data'> {
  readonly items: readonly Item[] | undefined
  /** Undefined at the end of the list. */
  readonly more: (() => Promise<void>) | undefined
}

/** A list that loads page by page. Reloading starts with the first page. */
export const usePages = <Item>(
  load: (cursor: string | undefined) => Promise<Part<Item>>,
  dependsOn: readonly unknown[],
): Pages<Item> => {
  const first = useLoad(() => load(undefined), dependsOn)
  const [further, setFurther] = useState<readonly Part<Item>[]>([])
  useEffect(() => setFurther([]), [first.data])
  const parts = first.data ? [first.data, ...further] : undefined
  const next = parts?.at(-1)?.next
  return {
    ...first,
    items: parts?.flatMap(({ items }) => items),
    more: next
      ? async () => {
          const part = await load(next)
          setFurther((before) => [...before, part])
        }
      : undefined,
  }
}
