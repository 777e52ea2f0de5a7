import type { Authenticator } from '../http/http-deps.js'
import { gatewayAuthenticator, jwtAuthenticator } from '../http/index.js'
import type { AuthOptions } from '../server/options.js'

const minimumSecretBytes = 32

export const authenticatorOf = (auth: AuthOptions): Authenticator => {
  if (auth === 'off') return gatewayAuthenticator()
  if ('authenticate' in auth) return auth
  if (auth.secret !== undefined && Buffer.byteLength(auth.secret) < minimumSecretBytes) {
    throw new TypeError(`createServer: auth has a secret of fewer than ${minimumSecretBytes} bytes`)
  }
  return jwtAuthenticator(auth)
}
