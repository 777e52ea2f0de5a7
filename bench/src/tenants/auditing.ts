import { type Row, seconds } from '../report/rows.js'
import type { TenantsSettings } from './settings.js'
import type { Stage } from './stage.js'

/** Audits all shops. Throws if a law is broken, because the figures would be worthless. */
export const auditing = async (
  stage: Stage,
  _: TenantsSettings,
  show: (line: string) => void,
): Promise<readonly Row[]> => {
  show('auditing all shops')
  const { ms } = await stage.run(['audit'])
  return [{ what: `\`tenants audit\` of ${stage.shops.length.toLocaleString('en')} shops`, value: seconds(ms) }]
}
