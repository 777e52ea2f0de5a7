import { effect, signal } from '@preact/signals'
import { isShopProblem } from '@shop/server-express/client'
import { clientOf, type Demo, type SignedIn } from './api.js'

const place = 'shop-session'

const recall = (): SignedIn | undefined => {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/** Who uses the page; nobody at first. */
export const session = signal<SignedIn | undefined>(recall())

/** Whom one can be; unknown until the server has said so. */
export const demo = signal<Demo | undefined>(undefined)

/** Is the dialog open in which one chooses who one is? */
export const isChoosing = signal(false)

effect(() => {
  try {
    if (session.value) sessionStorage.setItem(place, JSON.stringify(session.value))
    else sessionStorage.removeItem(place)
  } catch {
    // The session then ends with the page.
  }
})

/** The shop as the one who is signed in sees it. */
export const shop = clientOf(() => session.value?.token)

export const loadDemo = async (): Promise<void> => {
  demo.value = await shop.get('/api/demo')
}

export const signIn = async (userId: SignedIn['userId']): Promise<void> => {
  session.value = await shop.post('/api/demo/sign-in', { body: { userId } })
  isChoosing.value = false
}

export const signOut = (): void => {
  session.value = undefined
}

/** A token that the server no longer takes is no session. */
export const forgetIfExpired = (error: unknown): void => {
  if (isShopProblem(error, 'UNAUTHENTICATED')) signOut()
}

let administrator: Promise<SignedIn> | undefined

/** The lab runs as the administrator, whoever has signed in. */
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
