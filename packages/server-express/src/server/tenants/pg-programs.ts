import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { maskSecrets } from '../../util/mask-secrets.js'
import { TenantsFailure } from './context.js'

/** What the modes of `sslmode` mean to `pg`, in the words of libpq. */
const sslModes: Readonly<Record<string, string>> = {
  disable: 'disable',
  'no-verify': 'require',
  require: 'verify-full',
  prefer: 'verify-full',
  'verify-ca': 'verify-full',
  'verify-full': 'verify-full',
}

/** Parameters of a URL that are files, and their variables. */
const fileVariables = { sslrootcert: 'PGSSLROOTCERT', sslcert: 'PGSSLCERT', sslkey: 'PGSSLKEY' } as const

/** A URL as variables of libpq: on a command line everybody on the machine could read the password. */
export const libpqEnvironment = (text: string): Record<string, string> => {
  const url = new URL(text)
  const { searchParams: parameters } = url
  const set = (name: string, value: string | null) => (value === null || value === '' ? {} : { [name]: value })
  return {
    PGAPPNAME: 'shop',
    ...set('PGHOST', parameters.get('host') ?? decodeURIComponent(url.hostname.replace(/^\[|\]$/g, ''))),
    ...set('PGPORT', parameters.get('port') ?? url.port),
    ...set('PGUSER', decodeURIComponent(url.username)),
    ...set('PGPASSWORD', decodeURIComponent(url.password)),
    ...set('PGDATABASE', decodeURIComponent(url.pathname.slice(1))),
    PGSSLMODE: sslModes[parameters.get('sslmode') ?? 'disable'] ?? 'verify-full',
    ...Object.fromEntries(
      Object.entries(fileVariables).flatMap(([parameter, name]) => {
        const value = parameters.get(parameter)
        return value === null ? [] : [[name, value]]
      }),
    ),
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

interface Program {
  readonly child: Child
  /** Rejects with TenantsFailure if the program does not end well. */
  readonly ended: Promise<void>
}

const maxErrorText = 2_000

/** Starts a client program of Postgres. It finds no settings but those of the URL. */
export const startProgram = (name: 'pg_dump' | 'psql', url: string, args: readonly string[]): Program => {
  const inherited = Object.entries(process.env).filter(([variable]) => !variable.startsWith('PG'))
  const env = { ...Object.fromEntries(inherited), ...libpqEnvironment(url) }
  const child = spawn(name, [...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-maxErrorText)
  })
  // A program that ended cannot take its input: `ended` says why it ended.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const advice = 'install the client programs of Postgres'
      reject(
        new TenantsFailure(
          error.code === 'ENOENT' ? `${name} is not installed: ${advice}` : `${name}: ${error.message}`,
        ),
      )
    })
    child.once('close', (code, signal) => {
      if (code === 0) return resolve()
      const text = maskSecrets(errors.split(/\s+/).join(' ').trim())
      reject(new TenantsFailure(`${name} ended with ${code ?? signal}: ${text}`))
    })
  })
  ended.catch(() => undefined)
  return { child, ended }
}

/** Rejects with TenantsFailure if a program is missing. */
export const checkPrograms = async (url: string): Promise<void> => {
  for (const name of ['pg_dump', 'psql'] as const) {
    const { child, ended } = startProgram(name, url, ['--version'])
    child.stdout.resume()
    await ended
  }
}
