import { changeTenantsFile } from '../../tenants/change-tenants-file.js'
import type { TenantsContent, TenantsContentShop } from '../../tenants/tenants-content.js'
import { type TenantsContext, TenantsFailure } from './context.js'

/** Changes the entry of a shop in the file. @throws TenantsFailure if the file has no such shop. */
export const changeShop = (
  shopId: string,
  change: (shop: TenantsContentShop) => TenantsContentShop,
  { file, environment }: TenantsContext,
): Promise<void> =>
  changeTenantsFile(
    file,
    (content): TenantsContent => {
      const shop = Object.hasOwn(content.shops, shopId) ? content.shops[shopId] : undefined
      if (!shop) throw new TenantsFailure(`${file}: there is no shop ${shopId}`)
      return { ...content, shops: { ...content.shops, [shopId]: change(shop) } }
    },
    environment,
  )

export const refused = (shop: TenantsContentShop): TenantsContentShop => ({ ...shop, writes: 'refused' })

/** Writes are accepted where the file says nothing. */
export const accepted = ({ writes: _, ...shop }: TenantsContentShop): TenantsContentShop => shop

/** Resolves with the exit status. */
export const setWrites = async (
  { command, shopId }: { readonly command: 'refuse-writes' | 'accept-writes'; readonly shopId: string },
  context: TenantsContext,
): Promise<number> => {
  const refuses = command === 'refuse-writes'
  await changeShop(shopId, refuses ? refused : accepted, context)
  await context.print(`${shopId} ${refuses ? 'refuses' : 'accepts'} writes: servers notice within seconds\n`)
  return 0
}
