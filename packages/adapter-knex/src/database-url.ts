/** A URL that leads to no database, whoever is there. The message is one line, and holds nothing of the URL but its `sslmode`. */
export class DatabaseUrlError extends TypeError {
  override readonly name = 'DatabaseUrlError'
}

/** What each means to `pg`. Any other one it takes for `verify-full`, without a word. */
const sslModes: Readonly<Record<string, string>> = {
  disable: 'no TLS',
  'no-verify': 'TLS with any certificate',
  'verify-full': 'TLS, the certificate and its host name are checked',
  'verify-ca': 'the same',
  require: 'the same',
  prefer: 'the same',
}

/** Throws a DatabaseUrlError for what `pg` would take for something else: it reads any text as a URL. */
export const checkDatabaseUrl = (url: unknown): void => {
  if (typeof url !== 'string' || !/^(postgres(ql)?:\/\/|socket:|\/)/i.test(url)) {
    throw new DatabaseUrlError('databaseUrl must be a URL like postgres://user:password@host:5432/database')
  }
  for (const [, mode = ''] of url.matchAll(/[?&]sslmode=([^&#]*)/g)) {
    if (Object.hasOwn(sslModes, mode)) continue
    const known = Object.entries(sslModes).map(([name, meaning]) => `${name} (${meaning})`)
    throw new DatabaseUrlError(
      `databaseUrl has an unknown sslmode, ${JSON.stringify(mode.slice(0, 40))}: it is one of ${known.join(', ')}`,
    )
  }
}
