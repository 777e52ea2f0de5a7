/** A database URL that cannot be used. The message is one line, and shows nothing of the URL but its `sslmode`. */
export class DatabaseUrlError extends TypeError {
  /** The name of the class. */
  override readonly name = 'DatabaseUrlError'
}

/** The meaning of each mode in `pg`, which treats every other text as `verify-full` without an error. */
const sslModes: Readonly<Record<string, string>> = {
  disable: 'no TLS',
  'no-verify': 'TLS with any certificate',
  'verify-full': 'TLS, the certificate and its host name are checked',
  'verify-ca': 'the same',
  require: 'the same',
  prefer: 'the same',
}

/** Parameters of libpq that choose among servers. `pg` ignores them without an error. */
const choosing = ['target_session_attrs', 'load_balance_hosts', 'hostaddr', 'service']

/** Values of such parameters that choose nothing. */
const neutral: Readonly<Record<string, string>> = { target_session_attrs: 'any', load_balance_hosts: 'disable' }

const oneAddress = 'name the one address that leads to the primary: a proxy, a virtual address or a pooler'

const checkHosts = (url: string): void => {
  const [, authority = '', query = ''] = /^[^:/]*:\/\/([^/?#]*)[^?#]*(?:\?([^#]*))?/.exec(url) ?? []
  const parameters = new URLSearchParams(query)
  const hosts = [authority.slice(authority.lastIndexOf('@') + 1), ...parameters.getAll('host')]
  if (hosts.some((host) => host.includes(',')))
    throw new DatabaseUrlError(`databaseUrl names several hosts: ${oneAddress}`)
  const name = choosing.find((each) => parameters.has(each) && parameters.get(each) !== neutral[each])
  if (name !== undefined) throw new DatabaseUrlError(`databaseUrl has ${name}, which is not supported: ${oneAddress}`)
}

const checkSslMode = (url: string): void => {
  for (const [, mode = ''] of url.matchAll(/[?&]sslmode=([^&#]*)/g)) {
    if (Object.hasOwn(sslModes, mode)) continue
    const known = Object.entries(sslModes).map(([name, meaning]) => `${name} (${meaning})`)
    throw new DatabaseUrlError(
      `databaseUrl has an unknown sslmode, ${JSON.stringify(mode.slice(0, 40))}: it is one of ${known.join(', ')}`,
    )
  }
}

/**
 * Checks a database URL: `pg` itself accepts any text, and silently ignores parameters that it does not support.
 * @throws DatabaseUrlError if the URL is not one of Postgres, names several hosts, or has an unknown `sslmode`.
 */
export const checkDatabaseUrl = (url: unknown): void => {
  if (typeof url !== 'string' || !/^(postgres(ql)?:\/\/|socket:|\/)/i.test(url)) {
    throw new DatabaseUrlError('databaseUrl must be a URL like postgres://user:password@host:5432/database')
  }
  checkHosts(url)
  checkSslMode(url)
}
