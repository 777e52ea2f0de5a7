import 'reflect-metadata'
import { Container, type ServiceIdentifier } from 'inversify'
import { tokens } from './tokens.js'

/**
 * A container of singletons. `dispose` deactivates them in the reverse order of their creation: what uses a service
 * closes before that service. It closes the others, too, if one fails, and then rejects.
 */
export const createContainer = (): { readonly container: Container; dispose(): Promise<void> } => {
  const container = new Container({ defaultScope: 'Singleton' })
  const created: ServiceIdentifier[] = []
  for (const identifier of Object.values<ServiceIdentifier>(tokens)) {
    container.onActivation(identifier, (_context, service) => {
      created.push(identifier)
      return service
    })
  }
  return {
    container,
    async dispose() {
      const errors: unknown[] = []
      for (const identifier of created.splice(0).reverse()) {
        await container.unbindAsync(identifier).catch((error: unknown) => errors.push(error))
      }
      if (errors.length > 0) throw new AggregateError(errors, 'services of the server failed to close')
    },
  }
}
