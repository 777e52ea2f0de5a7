import cookieSession from 'cookie-session'
import { json, type RequestHandler, Router } from 'express'

/** A user of this application. The shop knows only the id. */
export interface User {
  readonly id: string
  readonly isStaff: boolean
  readonly hasConfirmedEmail: boolean
}

declare global {
  namespace Express {
    interface Request {
      /** Set while somebody is signed in, as passport does. */
      user?: User | undefined
    }
  }
}

export interface Users {
  /** The user with this name and password. */
  verify(name: string, password: string): Promise<User | undefined>
  find(id: string): Promise<User | undefined>
}

/** Signed cookies. `lax`: a form on another site cannot use the session. */
const sessions = (keys: readonly string[]): RequestHandler =>
  cookieSession({ name: 'session', keys: [...keys], httpOnly: true, sameSite: 'lax', maxAge: 24 * 3_600_000 })

const findUser =
  (users: Users): RequestHandler =>
  async (request, _response, next) => {
    const id = request.session?.['userId']
    if (typeof id === 'string') request.user = await users.find(id)
    next()
  }

/** Finds the user of each request, and has the routes to sign in and out. */
export const signIn = (users: Users, keys: readonly string[]): Router => {
  const router = Router()
  router.use(sessions(keys), findUser(users))
  router.post('/sign-in', json(), async (request, response) => {
    const { name, password } = request.body ?? {}
    const user = await users.verify(String(name), String(password))
    if (!user) return void response.status(401).json({ error: 'wrong name or password' })
    request.session = { userId: user.id }
    response.json(user)
  })
  router.post('/sign-out', (request, response) => {
    request.session = null
    response.sendStatus(204)
  })
  return router
}
