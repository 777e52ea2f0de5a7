import type { Logger } from 'pino'
import { gatewayAuthenticator, hostAuthenticator, jwtAuthenticator } from '../auth/authentication.js'
import type { Authenticator } from '../http/http-deps.js'
import type { ServerOptions } from '../options.js'

type AuthenticationOptions = Pick<ServerOptions, 'auth' | 'authenticate' | 'mapSubject'>

/** Exactly one of `auth` and `authenticate` is given: the options were checked. `shopClaim`: on a server of many shops. */
export const authenticatorOf = (
  { auth, authenticate, mapSubject }: AuthenticationOptions,
  logger: Logger,
  shopClaim?: string,
): Authenticator => {
  if (authenticate) return hostAuthenticator(authenticate)
  if (auth === undefined || auth === 'off') return gatewayAuthenticator()
  if ('authenticate' in auth) return auth
  if ('jwksUrl' in auth && auth.secret !== undefined) {
    logger.warn(
      'tokens signed with the HS256 secret are accepted in addition to those of the key set: remove the secret once they are no longer used',
    )
  }
  return jwtAuthenticator({ ...auth, mapSubject, shopClaim })
}
