import type { Logger } from 'pino'
import { gatewayAuthenticator, jwtAuthenticator } from '../auth/authentication.js'
import type { Authenticator } from '../http/http-deps.js'
import type { AuthOptions } from '../options.js'

export const authenticatorOf = (auth: AuthOptions, logger: Logger): Authenticator => {
  if (auth === 'off') return gatewayAuthenticator()
  if ('authenticate' in auth) return auth
  if ('jwksUrl' in auth && auth.secret !== undefined) {
    logger.warn(
      'tokens of the HS256 secret are accepted beside those of the key set: remove the secret once none are in use',
    )
  }
  return jwtAuthenticator(auth)
}
