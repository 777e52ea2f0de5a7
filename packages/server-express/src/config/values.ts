import { isCurrency } from '@shop/core'
import { z } from 'zod'
import { keySetUrlFault, secretFault } from '../auth/jwt-options.js'
import { portFault } from '../util/blocked-ports.js'
import { Secret } from './secret.js'

/**
 * Parses a text. If `parse` returns undefined, the value is refused for `reason`. The message never repeats the
 * value, which may be a secret.
 */
const parsed = <T>(reason: string, parse: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: reason })
    return z.NEVER
  })

/** A secret text, refused if `faultOf` finds a problem. */
const secretUnless = (faultOf: (text: string) => string | undefined) =>
  z.string().transform((text, context): Secret => {
    const fault = faultOf(text)
    if (fault === undefined) return new Secret(text)
    context.addIssue({ code: 'custom', message: fault })
    return z.NEVER
  })

const urlOf = (text: string, protocols: readonly string[]): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url && protocols.includes(url.protocol) ? url : undefined
}

export const wholeNumber = (from: number, to: number) =>
  parsed(`must be a whole number from ${from} to ${to}`, (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= from && value <= to ? value : undefined
  })

export const oneOf = <const T extends string>(...allowed: readonly T[]) =>
  parsed(`must be one of ${allowed.join(', ')}`, (text) => allowed.find((value) => value === text))

const workersRule = 'must be auto or a whole number from 1 to 256'

export const workers = parsed(workersRule, (text): number | 'auto' | undefined => {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0
  return text === 'auto' ? text : value >= 1 && value <= 256 ? value : undefined
})

const switchValues: Readonly<Record<string, boolean>> = {
  on: true,
  off: false,
  '1': true,
  '0': false,
  true: true,
  false: false,
}

export const onOff = parsed('must be on or off (or 1, 0, true, false)', (text) =>
  Object.hasOwn(switchValues, text) ? switchValues[text] : undefined,
)

export const host = parsed('must be a host name or an IP address', (text) =>
  /^[A-Za-z0-9.:%_-]{1,255}$/.test(text) ? text : undefined,
)

export const folder = parsed('must be a path', (text) => (text.includes('\0') ? undefined : text))

export const claim = parsed('must not be blank', (text) => (text.trim() === '' ? undefined : text))

export const headerName = parsed('must be the name of a header: letters, digits and hyphens', (text) =>
  /^[A-Za-z0-9-]{1,64}$/.test(text) ? text : undefined,
)

export const domainName = parsed('must be the name of a domain, like shops.example', (text) =>
  /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(text) ? text.toLowerCase() : undefined,
)

export const schemaName = parsed(
  'must be a Postgres schema name: at most 63 letters, digits and _, not starting with a digit or pg_',
  (text) => (/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/i.test(text) ? text : undefined),
)

/** A list of hosts is not a valid URL, so only the first host is checked here. The adapter checks the rest. */
const firstHost = (text: string): string => text.replace(/^(\w+:\/\/(?:[^/?#]*@)?[^,/?#]*)[^/?#]*/, '$1')

export const postgresUrl = parsed('must be a URL like postgres://user:password@host:5432/database', (text) =>
  urlOf(firstHost(text), ['postgres:', 'postgresql:']) ? new Secret(text) : undefined,
)

/** Commas separate URLs only at the end or before the scheme of another: a URL may contain one. */
export const postgresUrls = parsed(
  'must be a URL like postgres://user:password@host:5432/database, or several separated by commas',
  (text) => {
    const urls = text
      .replace(/[,\s]+$/, '')
      .split(/,(?=\s*postgres(?:ql)?:\/\/)/i)
      .map((each) => each.trim())
    const isRight = (each: string) => urlOf(firstHost(each), ['postgres:', 'postgresql:']) !== undefined
    return urls.every(isRight) ? urls.map((url) => new Secret(url)) : undefined
  },
)

/** Only the scheme is checked here: hosts of a cluster are not a valid URL. The adapter checks the rest. */
export const redisUrl = parsed(
  'must be a URL like redis://host:6379, redis-cluster://host1,host2 or redis-sentinel://host1,host2/name',
  (text) => (/^\s*rediss?(-cluster|-sentinel)?:\/\//.test(text) ? new Secret(text) : undefined),
)

const httpUrlFault = (text: string): string | undefined => {
  const url = urlOf(text, ['http:', 'https:'])
  return url && url.username === '' && url.password === '' ? portFault(url) : 'must be an http:// or https:// URL'
}

/** A public address: without a user, a query or a fragment. */
export const publicUrl = parsed('must be an http:// or https:// URL without a query', (text) => {
  const url = urlOf(text, ['http:', 'https:'])
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return isPlain ? text.trim().replace(/\/+$/, '') : undefined
})

export const origins = parsed(
  'must be origins separated by commas, without a path or a slash at the end, like https://shop.example',
  (text) => {
    const given = text.split(',').map((each) => each.trim())
    return given.every((each) => urlOf(each, ['http:', 'https:'])?.origin === each) ? given : undefined
  },
)

/** A secret, for its query may hold one. */
export const httpUrl = secretUnless(httpUrlFault)

export const keySetUrl = secretUnless(keySetUrlFault)

export const signingSecret = secretUnless(secretFault)

/** `whsec_` followed by the base64 of 24 to 64 random bytes, as in Standard Webhooks. */
export const webhookSecret = parsed('must be whsec_ followed by the base64 of 24 to 64 bytes', (text) => {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  const bytes = Buffer.from(base64, 'base64')
  const same = bytes.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '')
  return same && bytes.length >= 24 && bytes.length <= 64 ? new Secret(`whsec_${bytes.toString('base64')}`) : undefined
})

export const currency = parsed('must be the code of a currency, ISO 4217, for example USD', (text) =>
  isCurrency(text) ? text : undefined,
)

export const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is not JSON: ${(error as Error).message}` })
    return z.NEVER
  }
})
