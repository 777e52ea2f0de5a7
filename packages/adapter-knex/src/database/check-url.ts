import { UnfitDatabaseError } from './check-database.js'

/** Parameters of libpq by which a client chooses among servers. `pg` would pass over them in silence. */
const choosing = ['target_session_attrs', 'load_balance_hosts', 'hostaddr', 'service']

/** What a parameter may say without choosing. */
const neutral: Readonly<Record<string, string>> = { target_session_attrs: 'any', load_balance_hosts: 'disable' }

const advice = 'name the one address that leads to the primary: a proxy, a virtual address or a pooler'

/**
 * @throws UnfitDatabaseError for a URL that names several hosts, or leaves the choice of a server to the client: `pg` connects to
 * one host, and would not look which one it is.
 */
export const checkDatabaseUrl = (text: string): void => {
  const [, authority = '', query = ''] = /^[^:/]*:\/\/([^/?#]*)[^?#]*(?:\?([^#]*))?/.exec(text) ?? []
  const parameters = new URLSearchParams(query)
  const hosts = [authority.slice(authority.lastIndexOf('@') + 1), ...parameters.getAll('host')]
  if (hosts.some((host) => host.includes(','))) throw new UnfitDatabaseError(`the URL names several hosts: ${advice}`)
  const name = choosing.find((each) => parameters.has(each) && parameters.get(each) !== neutral[each])
  if (name !== undefined) throw new UnfitDatabaseError(`${name} in the URL is not supported: ${advice}`)
}
