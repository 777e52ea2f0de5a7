import { useState } from 'preact/hooks'
import { Choice, Field, MoneyField, ReasonField, ReferenceField } from '../../parts/field.js'
import { Outcome } from '../../parts/notice.js'
import { useAction } from '../../parts/use-action.js'
import { useCommand } from '../../parts/use-command.js'
import type { Balance } from '../../state/api.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { endOf, money, signed, typedMoney, words } from '../../words/words.js'
import { endOfDay, inDays } from '../days.js'
import { type Change, changeAmount, type Kind, sendChange } from './changes.js'

const usualDays = [30, 90, 365] as const

const empty: Change = { amount: '', lastDay: '', direction: 'add', reason: '', reference: '' }

interface ChangeFormProps {
  readonly kind: Kind
  readonly balance: Balance
  readonly onChanged: (entryId: string) => void
}

/** What has happened, in one or two sentences. */
const told = (kind: Kind, change: Change, balance: number): string => {
  const { done } = words.value.books.balances
  const amount = changeAmount(kind, change) ?? 0
  const now = done.now(money(balance))
  if (kind === 'adjust') return `${done.adjust(signed(amount))} ${now}`
  const end = endOfDay(change.lastDay)
  if (kind === 'grant' && end) return `${done.grantUntil(money(amount), endOf(end))} ${now}`
  return `${done[kind](money(Math.abs(amount)))} ${now}`
}

const ChangeForm = ({ kind, balance, onChanged }: ChangeFormProps) => {
  const { books } = words.value
  const texts = books.balances
  const [change, setChange] = useState(empty)
  const set = (part: Partial<Change>) => setChange((before) => ({ ...before, ...part }))
  const action = useAction()
  const send = useCommand()
  const amount = changeAmount(kind, change)
  const withdrawable = balance.withdrawable ?? balance.balance
  const submit = () =>
    action.run(async () => {
      const { result, isReplay } = await sendChange(send, kind, { userId: balance.userId, change })
      onChanged(result.entryId)
      setChange(empty)
      return isReplay ? books.replayed : told(kind, change, result.balance)
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <p class="soft hint">{texts.hints[kind]}</p>
      {kind === 'adjust' && (
        <Choice
          legend={texts.direction}
          name="direction"
          values={['add', 'take']}
          texts={texts.directions}
          value={change.direction}
          onChange={(direction) => set({ direction })}
        />
      )}
      <MoneyField label={texts.amount} value={change.amount} onInput={(typed) => set({ amount: typed })}>
        {kind === 'withdraw' && withdrawable > 0 && (
          <button type="button" onClick={() => set({ amount: typedMoney(withdrawable) })}>
            {texts.all(money(withdrawable))}
          </button>
        )}
      </MoneyField>
      {kind === 'grant' && (
        <Field
          type="date"
          label={texts.lastDay}
          isOptional
          min={inDays(0)}
          max="9999-12-30"
          value={change.lastDay}
          onInput={(lastDay) => set({ lastDay })}
        >
          {usualDays.map((days) => (
            <button type="button" key={days} onClick={() => set({ lastDay: inDays(days) })}>
              {texts.days(days)}
            </button>
          ))}
        </Field>
      )}
      {kind !== 'charge' && (
        <ReasonField isOptional={kind !== 'adjust'} value={change.reason} onInput={(reason) => set({ reason })} />
      )}
      <ReferenceField value={change.reference} onInput={(reference) => set({ reference })} />
      <p class={withdrawable + (amount ?? 0) < 0 ? 'preview problem' : 'soft preview'}>
        {amount === undefined || amount === 0
          ? texts.before(money(balance.balance))
          : texts.preview(money(balance.balance), money(balance.balance + amount))}
      </p>
      <button type="submit" class="main" aria-disabled={action.isBusy}>
        {amount === undefined || amount === 0
          ? texts.actions[kind]
          : texts.do[kind](kind === 'adjust' ? signed(amount) : money(Math.abs(amount)))}
      </button>
      <Outcome action={action} explain={explainedToOperator} />
    </form>
  )
}

interface ChangeBalanceProps {
  readonly balance: Balance
  readonly kinds: readonly Kind[]
  readonly onChanged: (entryId: string) => void
}

/** Grants, withdraws, adjusts or charges. */
export const ChangeBalance = ({ balance, kinds, onChanged }: ChangeBalanceProps) => {
  const texts = words.value.books.balances
  const [kind, setKind] = useState<Kind>('grant')
  return (
    <section class="card change">
      <h2>{texts.change}</h2>
      <Choice
        legend={texts.action}
        name="action"
        values={kinds}
        texts={texts.actions}
        value={kind}
        onChange={setKind}
      />
      <ChangeForm key={kind} kind={kind} balance={balance} onChanged={onChanged} />
    </section>
  )
}
