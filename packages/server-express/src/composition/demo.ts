import type { NewId } from '@shop/core'
import type { Container } from 'inversify'
import type { SignInWay, SignToken } from '../demo/demo.js'
import { DemoDrops } from '../demo/demo-drops.js'
import { tokenSigner } from '../demo/demo-tokens.js'
import { Rushes } from '../demo/rush/rushes.js'
import type { AuthOptions, ServerOptions } from '../options.js'
import { rushDatabaseOf } from './rush-database.js'
import { tokens as T } from './tokens.js'

const signerOf = (auth: AuthOptions | undefined): SignToken | undefined => {
  if (auth === undefined || auth === 'off' || 'authenticate' in auth || auth.secret === undefined) return undefined
  const { secret, issuer, audience } = auth
  return tokenSigner({ secret, issuer, audience })
}

/** Binds the demo, if demo data is on. */
export const bindDemo = (container: Container, options: ServerOptions, newId: NewId): void => {
  if (!options.demoData) {
    container.bind(T.demo).toConstantValue(undefined)
    return
  }
  const { auth, demoSignIn = false } = options
  const signToken = demoSignIn ? signerOf(auth) : undefined
  const signIn: SignInWay = auth === 'off' ? 'open' : signToken ? 'token' : 'elsewhere'
  container
    .bind(T.demo)
    .toResolvedValue(
      (shop, store, logger, commits) => {
        const database = rushDatabaseOf(options, logger)
        const sign = signToken && ((userId: string) => signToken(userId, false))
        const tokens = signIn === 'elsewhere' ? undefined : { sign }
        const rushes = new Rushes({ shop, store, newId, logger, database, tokens, guards: options.guards ?? [] })
        commits.on('group', (group) => rushes.onGroup(group))
        const drops = new DemoDrops({ shop, logger })
        return { signIn, isLocalOnly: demoSignIn === 'local', signToken, rushes, drops }
      },
      [T.shop, T.store, T.logger, T.commits],
    )
    .onDeactivation(async (demo) => {
      await Promise.all([demo?.rushes.stop(), demo?.drops.stop()])
    })
}
