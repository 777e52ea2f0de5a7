import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from './config-error.js'

type Environment = Readonly<Record<string, string | undefined>>

const writableByAll = 0o002

/** The file's author chooses the secret of all tokens. In a folder such as /tmp, that may be anybody. */
const faultOf = (file: Stats, folder: Stats): string | undefined => {
  const us = process.getuid?.()
  if (us === undefined) return undefined
  if (![us, 0, folder.uid].includes(file.uid)) return `belongs to user ${file.uid}, not to user ${us}: remove it`
  return (file.mode & writableByAll) === 0 ? undefined : 'can be changed by all users: chmod o-w it'
}

const readEnv = (folder: string): string => {
  const file = openSync(join(folder, '.env'), 'r')
  try {
    const fault = faultOf(fstatSync(file), statSync(folder))
    if (fault !== undefined) throw new ConfigError([{ variable: '.env', reason: fault }])
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** The environment, and beneath it what the `.env` file in `folder` says: what is really set wins. */
export const environmentOf = (folder: string, environment: Environment): Environment => {
  try {
    return { ...parseEnv(readEnv(folder)), ...environment }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment
    throw new ConfigError([{ variable: '.env', reason: `cannot be read: ${(error as Error).message}` }])
  }
}
