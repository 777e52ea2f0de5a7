import type { Entry, UserEntry } from '../state/api.js'
import { hrefOf } from '../state/route.js'
import { moment, money, shortId, signed, words } from '../words/words.js'
import { FoldTable } from './fold-table.js'

/** The order of an entry, as a link for administrators. */
const OrderOf = ({ orderId, isLink }: { orderId: string; isLink: boolean }) => {
  const text = words.value.wallet.order(shortId(orderId))
  if (!isLink) return <span class="soft">{text}</span>
  return <a href={hrefOf({ page: 'operations', place: 'orders', id: orderId })}>{text}</a>
}

/** Money that is bonus money by its kind needs no second amount. */
const bonusKinds: readonly Entry['kind'][] = ['grant', 'expiry']

const Row = ({ entry, isOperator, isFresh }: { entry: Entry | UserEntry; isOperator: boolean; isFresh: boolean }) => {
  const { wallet } = words.value
  const { at, kind, amount, bonusAmount, balance, reason, reference, metadata, orderId } = entry
  return (
    <tr class={isFresh ? 'fresh' : undefined}>
      <td>
        {moment(at)}
        {'userId' in entry && (
          <a class="line" href={hrefOf({ page: 'operations', place: 'balances', id: entry.userId })}>
            {entry.userId}
          </a>
        )}
      </td>
      <td class="what">
        {wallet.kind[kind]}
        {reason !== undefined && <span class="line soft">{reason}</span>}
        {orderId !== null && (
          <span class="line">
            <OrderOf orderId={orderId} isLink={isOperator} />
          </span>
        )}
        {reference !== undefined && (
          <span class="line soft">
            {wallet.reference} <code>{reference}</code>
          </span>
        )}
        {isOperator && metadata !== undefined && (
          <span class="line soft">
            {Object.entries(metadata)
              .map(([name, value]) => `${name}: ${value}`)
              .join(', ')}
          </span>
        )}
      </td>
      <td class={amount > 0 ? 'amount in' : 'amount'}>
        {signed(amount)}
        {bonusAmount !== undefined && !bonusKinds.includes(kind) && (
          <span class="line soft">{wallet.bonusPart(signed(bonusAmount))}</span>
        )}
      </td>
      <td class="amount" data-label={wallet.after}>
        {money(balance)}
      </td>
    </tr>
  )
}

interface EntryTableProps {
  readonly entries: readonly (Entry | UserEntry)[]
  /** Links to users and orders, and the data of the caller, are for administrators. */
  readonly isOperator?: boolean
  /** The entry that was just made. */
  readonly freshId?: string | undefined
}

/** Entries of one balance or of all, newest first. */
export const EntryTable = ({ entries, isOperator = false, freshId }: EntryTableProps) => {
  const { wallet, common, books } = words.value
  const isOfAll = entries.some((entry) => 'userId' in entry)
  return (
    <FoldTable name="entries">
      <thead>
        <tr>
          <th scope="col">{isOfAll ? books.entries.when : common.at}</th>
          <th scope="col">{wallet.what}</th>
          <th scope="col" class="amount">
            {wallet.change}
          </th>
          <th scope="col" class="amount">
            {wallet.after}
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <Row key={entry.entryId} entry={entry} isOperator={isOperator} isFresh={entry.entryId === freshId} />
        ))}
      </tbody>
    </FoldTable>
  )
}
