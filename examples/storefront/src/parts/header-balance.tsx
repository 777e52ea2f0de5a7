import { balance } from '../state/balance.js'
import { hrefOf } from '../state/route.js'
import { session } from '../state/session.js'
import { bonusText, money, words } from '../words/words.js'

/** The balance of the signed-in user, with the bonus money in it. Its place is there before it is known. */
export const HeaderBalance = () => {
  if (!session.value || session.value.isAdministrator) return null
  const { value } = balance
  if (!value) return <span class="balance" />
  return (
    <a class="balance" href={hrefOf({ page: 'wallet' })}>
      <span class="hidden">{words.value.places.wallet}: </span>
      <b>{money(value.balance)}</b>
      {value.bonus && <small>{bonusText(value.bonus)}</small>}
    </a>
  )
}
