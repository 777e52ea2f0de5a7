import { inspect } from 'node:util'
import { readConfig } from '../../src/config/config.js'
import { ConfigError } from '../../src/config/config-error.js'

export const secret = '0123456789abcdef0123456789abcdef'
export const keySet = {
  SHOP_JWKS_URL: 'https://keys.example/jwks',
  SHOP_JWT_ISSUER: 'https://login.example',
  SHOP_JWT_AUDIENCE: 'shop',
}

/** The errors of an environment, one line each. */
export const linesOf = async (environment: Record<string, string>): Promise<string[]> => {
  const error = await readConfig(environment).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConfigError)) throw new Error(`expected a ConfigError, got ${inspect(error)}`)
  return error.message.split('\n')
}
