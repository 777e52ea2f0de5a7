import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from './config-error.js'

type Environment = Readonly<Record<string, string | undefined>>

const writableByAll = 0o002

/**
 * The problem with the owner or the mode of `.env`, if any. Its author chooses the secret of all tokens, and in
 * a folder like /tmp anyone can be its author.
 */
const faultOf = (file: Stats, folder: Stats): string | undefined => {
  const ourUid = process.getuid?.()
  if (ourUid === undefined) return undefined
  if (![ourUid, 0, folder.uid].includes(file.uid))
    return `belongs to user ${file.uid}, not to user ${ourUid}: remove it`
  return (file.mode & writableByAll) === 0 ? undefined : 'is writable by all users: run chmod o-w on it'
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

/** The environment, completed by the `.env` file in `folder`. Variables of the environment take precedence. */
export const environmentOf = (folder: string, environment: Environment): Environment => {
  try {
    return { ...parseEnv(readEnv(folder)), ...environment }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment
    throw new ConfigError([{ variable: '.env', reason: `cannot be read: ${(error as Error).message}` }])
  }
}
