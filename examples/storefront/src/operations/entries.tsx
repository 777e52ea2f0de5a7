import { entryKinds as kinds } from '@shop/core'
import { useState } from 'preact/hooks'
import { EntryTable } from '../parts/entries.js'
import { Field } from '../parts/field.js'
import { Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { usePages } from '../parts/use-pages.js'
import type { Entry } from '../state/api.js'
import { type Search, show } from '../state/route.js'
import { shop } from '../state/session.js'
import { explainedToOperator } from '../words/operator-refusals.js'
import { words } from '../words/words.js'

const kindOf = (text: string | undefined): Entry['kind'] | undefined => kinds.find((kind) => kind === text)

const Finder = ({ search }: { search: Search }) => {
  const { books, wallet } = words.value
  const [reference, setReference] = useState(search['reference'] ?? '')
  const find = (part: Search) =>
    show({ page: 'operations', place: 'entries', search: { ...search, reference: reference.trim(), ...part } })
  return (
    <form
      class="finder"
      onSubmit={(event) => {
        event.preventDefault()
        find({})
      }}
    >
      <p class="field">
        <label for="entries-kind">{books.entries.kind}</label>
        <select
          id="entries-kind"
          value={search['kind'] ?? ''}
          onChange={({ currentTarget }) => find({ kind: currentTarget.value })}
        >
          <option value="">{books.entries.all}</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {wallet.kind[kind]}
            </option>
          ))}
        </select>
      </p>
      <Field
        label={books.reference}
        isRequired={false}
        value={reference}
        onInput={setReference}
        maxLength={200}
        spellcheck={false}
      >
        <button type="submit" class="main">
          {books.find}
        </button>
      </Field>
    </form>
  )
}

/** Entries of all balances, newest first. */
export const Entries = ({ search }: { search: Search }) => {
  const { books, common } = words.value
  const kind = kindOf(search['kind'])
  const reference = search['reference'] ?? ''
  const list = usePages(
    async (cursor) => {
      const query = {
        limit: 20,
        ...(kind && { kind }),
        ...(reference !== '' && { reference }),
        ...(cursor !== undefined && { cursor }),
      }
      const page = await shop.get('/api/admin/entries', { params: { query } })
      return { items: page.entries, next: page.nextCursor }
    },
    [kind, reference],
  )
  return (
    <>
      <PageHeading text={books.places.entries}>
        <Finder key={reference} search={search} />
      </PageHeading>
      <section class="card" aria-busy={list.isLoading}>
        {list.items ? (
          list.items.length > 0 && <EntryTable entries={list.items} isOperator />
        ) : (
          <Pending failure={list.failure} reload={list.reload} explain={explainedToOperator} />
        )}
        {list.items?.length === 0 && <p class="soft">{books.entries.none}</p>}
        {list.more && (
          <button type="button" onClick={list.more}>
            {common.more}
          </button>
        )}
      </section>
    </>
  )
}
