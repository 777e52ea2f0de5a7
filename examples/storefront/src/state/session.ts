import { effect, signal } from '@preact/signals'
import { isShopProblem } from '@shop/server-express/client'
import { clientOf, type Demo, type SignedIn } from './api.js'
import { currency } from './settings.js'

const place = 'shop-session'

const recall = (): SignedIn | undefined => {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/** The signed-in user. Undefined at first. */
export const session = signal<SignedIn | undefined>(recall())

/** The demo accounts. Undefined until the server responds. */
export const demo = signal<Demo | undefined>(undefined)

/** Whether the sign-in dialog is open. */
export const isChoosing = signal(false)

effect(() => {
  try {
    if (session.value) sessionStorage.setItem(place, JSON.stringify(session.value))
    else sessionStorage.removeItem(place)
  } catch {
    // The session then lasts until the page is closed.
  }
})

/** The client of the signed-in user. */
export const shop = clientOf(() => session.value?.token)

export const loadDemo = async (): Promise<void> => {
  demo.value = await shop.get('/api/demo')
  currency.value = demo.value.currency
}

export const signIn = async (userId: SignedIn['userId']): Promise<void> => {
  session.value = await shop.post('/api/demo/sign-in', { body: { userId } })
  isChoosing.value = false
}

export const signOut = (): void => {
  session.value = undefined
}

/** A token that the server refuses ends the session. */
export const forgetIfExpired = (error: unknown): void => {
  if (isShopProblem(error, 'UNAUTHENTICATED')) signOut()
}

let administrator: Promise<SignedIn> | undefined

/** The lab runs as the administrator, independent of the signed-in user. */
export const administratorClient = async () => {
  if (session.value?.isAdministrator) return shop
  administrator ??= shop.post('/api/demo/sign-in', { body: { userId: 'administrator' } })
  try {
    const { token } = await administrator
    return clientOf(() => token)
  } catch (error) {
    administrator = undefined
    throw error
  }
}
