import { effect, signal } from '@preact/signals'
import type { Balance } from './api.js'
import { session, shop } from './session.js'

/** The balance of the signed-in user. Undefined until it is known, for an administrator, and without a wallet. */
export const balance = signal<Balance | undefined>(undefined)

/** Reads the balance again, after something that may have changed it. */
export const refreshBalance = async (): Promise<void> => {
  const user = session.peek()
  if (!user || user.isAdministrator) return
  const { userId } = user
  const read = await shop.get('/api/balance/{userId}', { params: { path: { userId } } }).catch(() => undefined)
  if (session.peek()?.userId === userId) balance.value = read
}

effect(() => {
  if (session.value?.userId !== balance.peek()?.userId) balance.value = undefined
  void refreshBalance()
})
