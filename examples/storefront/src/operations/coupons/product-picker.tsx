import { useEffect, useId, useState } from 'preact/hooks'
import { useLoad } from '../../parts/use-load.js'
import { shop } from '../../state/session.js'
import { nameOf, words } from '../../words/words.js'

const found = 6
const pauseWhileTypingMs = 250

interface ProductPickerProps {
  readonly ids: readonly string[]
  readonly problem: string | undefined
  readonly onChange: (ids: readonly string[]) => void
}

/** Chooses products by a search. */
export const ProductPicker = ({ ids, problem, onChange }: ProductPickerProps) => {
  const texts = words.value.catalog.coupons
  const field = useId()
  const [typed, setTyped] = useState('')
  const [keyword, setKeyword] = useState('')
  const [names, setNames] = useState<Readonly<Record<string, string>>>({})
  useEffect(() => {
    const timer = setTimeout(() => setKeyword(typed.trim()), pauseWhileTypingMs)
    return () => clearTimeout(timer)
  }, [typed])
  const { data } = useLoad(
    () => shop.get('/api/admin/products', { params: { query: { size: found, ...(keyword !== '' && { keyword }) } } }),
    [keyword],
  )
  const free = data?.products.filter(({ productId }) => !ids.includes(productId)) ?? []
  return (
    <div class="picker">
      {ids.length > 0 && (
        <ul class="picked">
          {ids.map((id) => {
            const name = nameOf(names[id] ?? id)
            return (
              <li key={id}>
                {name}
                <button
                  type="button"
                  class="quiet"
                  aria-label={texts.drop(name)}
                  onClick={() => onChange(ids.filter((each) => each !== id))}
                >
                  ×
                </button>
              </li>
            )
          })}
        </ul>
      )}
      <div class="field">
        <label for={field}>{texts.find}</label>
        <input
          id={field}
          type="search"
          maxLength={100}
          autocomplete="off"
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : `${field}-about`}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {problem !== undefined && (
          <p id={`${field}-about`} class="about wrong">
            {problem}
          </p>
        )}
      </div>
      <ul class="found-products">
        {free.map(({ productId, name }) => (
          <li key={productId}>
            <button
              type="button"
              class="small"
              aria-label={texts.pick(nameOf(name))}
              onClick={() => {
                setNames((before) => ({ ...before, [productId]: name }))
                onChange([...ids, productId])
              }}
            >
              + {nameOf(name)}
            </button>
          </li>
        ))}
        {data?.total === 0 && <li class="soft">{texts.nothingFound}</li>}
      </ul>
    </div>
  )
}
