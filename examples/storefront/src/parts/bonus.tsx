import type { Lot } from '../state/api.js'
import { endOf, money, words } from '../words/words.js'

/** Bonus money, in the order in which it is spent. */
export const Bonus = ({ lots }: { lots: readonly Lot[] }) => {
  const { wallet } = words.value
  return (
    <table class="lots">
      <thead>
        <tr>
          <th scope="col">{wallet.bonus}</th>
          <th scope="col" class="amount">
            {wallet.left}
          </th>
        </tr>
      </thead>
      <tbody>
        {lots.map(({ lotId, amount, expiresAt }) => (
          <tr key={lotId}>
            <td>{expiresAt === null ? wallet.noEnd : wallet.until(endOf(expiresAt))}</td>
            <td class="amount">{money(amount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
