import { useId, useState } from 'preact/hooks'
import { Bonus } from '../parts/bonus.js'
import { EntryTable } from '../parts/entries.js'
import { Outcome, Pending, Refusal } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { SignInFirst } from '../parts/sign-in.js'
import { useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import { usePages } from '../parts/use-pages.js'
import { refreshBalance } from '../state/balance.js'
import { session, shop } from '../state/session.js'
import { hasFractions, money, moneyOf, typedMoney, words } from '../words/words.js'

const usual = [10_000, 50_000, 100_000] as const

/** What was typed, with its sign; the shop refuses what is no amount. */
const signedOf = (text: string): number => {
  const amount = moneyOf(text.replace('-', '')) ?? 0
  return text.startsWith('-') ? 0 - amount : amount
}

const ChargeForm = ({ userId, onCharged }: { userId: string; onCharged: () => void }) => {
  const { wallet } = words.value
  const field = useId()
  const [typed, setTyped] = useState<string>()
  // The first one follows the currency, which may come later.
  const text = typed ?? typedMoney(usual[0])
  const action = useAction()
  const charge = () =>
    action.run(async () => {
      const amount = signedOf(text)
      await shop.post('/api/balance/charge', { body: { userId, amount } })
      onCharged()
      void refreshBalance()
      return wallet.charged(money(amount))
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void charge()
      }}
    >
      <h2>{wallet.charge}</h2>
      <p class="field">
        <label for={field}>{wallet.amount}</label>
        <input
          id={field}
          inputMode={hasFractions.value ? 'decimal' : 'numeric'}
          pattern={hasFractions.value ? '-?[0-9]{1,12}([.][0-9]+)?' : '-?[0-9]{1,12}'}
          required
          value={text}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </p>
      <p class="row">
        {usual.map((each) => (
          <button type="button" key={each} onClick={() => setTyped(typedMoney(each))}>
            {money(each)}
          </button>
        ))}
        <button type="submit" class="main" disabled={action.isBusy}>
          {wallet.do}
        </button>
      </p>
      <Outcome action={action} />
    </form>
  )
}

const History = ({ userId, turn }: { userId: string; turn: number }) => {
  const { wallet, common } = words.value
  const list = usePages(
    async (cursor) => {
      const query = { limit: 10, ...(cursor !== undefined && { cursor }) }
      const page = await shop.get('/api/balance/{userId}/history', { params: { path: { userId }, query } })
      return { items: page.entries, next: page.nextCursor }
    },
    [userId, turn],
  )
  if (!list.items) return <Pending failure={list.failure} reload={list.reload} />
  if (list.items.length === 0) return <p class="soft">{wallet.empty}</p>
  return (
    <>
      <EntryTable entries={list.items} />
      {list.more && (
        <button type="button" onClick={list.more}>
          {common.more}
        </button>
      )}
    </>
  )
}

const Mine = ({ userId }: { userId: string }) => {
  const { wallet } = words.value
  const [turn, setTurn] = useState(0)
  const balance = useLoad(() => shop.get('/api/balance/{userId}', { params: { path: { userId } } }), [userId, turn])
  return (
    <>
      <div class="halves">
        <section class="card">
          <h2>{wallet.balance}</h2>
          {balance.data && <p class="figure">{money(balance.data.balance)}</p>}
          {balance.data?.bonus && <Bonus lots={balance.data.bonus} />}
          {balance.failure !== undefined && <Refusal failure={balance.failure} />}
        </section>
        <section class="card">
          <ChargeForm userId={userId} onCharged={() => setTurn((before) => before + 1)} />
        </section>
      </div>
      <section>
        <h2>{wallet.history}</h2>
        <History userId={userId} turn={turn} />
      </section>
    </>
  )
}

export const Wallet = () => {
  const userId = session.value?.userId
  return (
    <>
      <PageHeading text={words.value.places.wallet} />
      {userId === undefined ? <SignInFirst /> : <Mine key={userId} userId={userId} />}
    </>
  )
}
