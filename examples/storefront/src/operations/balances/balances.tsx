import { isShopProblem } from '@shop/server-express/client'
import { useState } from 'preact/hooks'
import { Bonus } from '../../parts/bonus.js'
import { EntryTable } from '../../parts/entries.js'
import { Field } from '../../parts/field.js'
import { Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { useLoad } from '../../parts/use-load.js'
import { usePages } from '../../parts/use-pages.js'
import type { Balance } from '../../state/api.js'
import { go, hrefOf } from '../../state/route.js'
import { demo, shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { money, personOf, words } from '../../words/words.js'
import { ChangeBalance } from './change-balance.js'
import { kinds, openingKinds } from './changes.js'

const Finder = ({ userId = '' }: { userId?: string | undefined }) => {
  const { books } = words.value
  const [typed, setTyped] = useState(userId)
  return (
    <form
      class="finder"
      onSubmit={(event) => {
        event.preventDefault()
        go({ page: 'operations', place: 'balances', id: typed.trim() })
      }}
    >
      <Field label={books.balances.user} value={typed} onInput={setTyped} maxLength={64} spellcheck={false}>
        <button type="submit" class="main">
          {books.find}
        </button>
      </Field>
    </form>
  )
}

const DemoUsers = () => {
  const users = demo.value?.users.filter(({ isAdministrator }) => !isAdministrator) ?? []
  if (users.length === 0) return null
  return (
    <p class="soft">
      {words.value.books.balances.demo}:{' '}
      {users.map(({ userId }, index) => (
        <span key={userId}>
          {index > 0 && ', '}
          <a href={hrefOf({ page: 'operations', place: 'balances', id: userId })}>{personOf(userId)}</a>
        </span>
      ))}
    </p>
  )
}

const BalanceCard = ({ balance }: { balance: Balance }) => {
  const { books, places } = words.value
  const { userId, withdrawable, bonus } = balance
  return (
    <section class="card of-user">
      <h2>{places.wallet}</h2>
      <p class="figure">{money(balance.balance)}</p>
      {bonus && withdrawable !== undefined && (
        <>
          <dl class="sum">
            <dt>{books.balances.withdrawable}</dt>
            <dd>{money(withdrawable)}</dd>
            <dt>{books.balances.bonus}</dt>
            <dd>{money(balance.balance - withdrawable)}</dd>
          </dl>
          <Bonus lots={bonus} />
        </>
      )}
      <p class="more">
        <a href={hrefOf({ page: 'operations', place: 'orders', search: { by: 'userId', text: userId } })}>
          {books.balances.orders}
        </a>
      </p>
    </section>
  )
}

const History = ({ userId, freshId }: { userId: string; freshId: string | undefined }) => {
  const { wallet, common, books } = words.value
  const list = usePages(
    async (cursor) => {
      const query = { limit: 10, ...(cursor !== undefined && { cursor }) }
      const page = await shop.get('/api/balance/{userId}/history', { params: { path: { userId }, query } })
      return { items: page.entries, next: page.nextCursor }
    },
    [userId, freshId],
  )
  return (
    <section class="card of-user">
      <h2>{books.balances.history}</h2>
      {list.items ? (
        <EntryTable entries={list.items} isOperator freshId={freshId} />
      ) : (
        <Pending failure={list.failure} reload={list.reload} explain={explainedToOperator} />
      )}
      {list.items?.length === 0 && <p class="soft">{wallet.empty}</p>}
      {list.more && (
        <button type="button" onClick={list.more}>
          {common.more}
        </button>
      )}
    </section>
  )
}

const OneUser = ({ userId }: { userId: string }) => {
  const [freshId, setFreshId] = useState<string>()
  const { data, failure, reload } = useLoad(
    () => shop.get('/api/balance/{userId}', { params: { path: { userId } } }),
    [userId, freshId],
  )
  if (isShopProblem(failure, 'USER_NOT_FOUND')) {
    return (
      <div class="books balance-page">
        <p class="of-user">{words.value.books.balances.noWallet(userId)}</p>
        <ChangeBalance balance={{ userId, balance: 0 }} kinds={openingKinds} onChanged={setFreshId} />
      </div>
    )
  }
  if (!data) return <Pending failure={failure} reload={reload} explain={explainedToOperator} />
  return (
    <div class="books balance-page">
      <BalanceCard balance={data} />
      <ChangeBalance balance={data} kinds={kinds} onChanged={setFreshId} />
      <History userId={userId} freshId={freshId} />
    </div>
  )
}

/** One user's balance: see it, change it, and read its history. */
export const Balances = ({ userId }: { userId: string | undefined }) => {
  const { books } = words.value
  return (
    <>
      <PageHeading text={books.places.balances}>
        <Finder userId={userId} />
      </PageHeading>
      {userId === undefined ? (
        <>
          <p class="lead">{books.balances.hint}</p>
          <DemoUsers />
        </>
      ) : (
        <OneUser userId={userId} />
      )}
    </>
  )
}
