import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from './config-error.js'

type Environment = Readonly<Record<string, string | undefined>>

/** The environment, and beneath it what the `.env` file in `folder` says: what is really set wins. */
export const environmentOf = (folder: string, environment: Environment): Environment => {
  try {
    return { ...parseEnv(readFileSync(join(folder, '.env'), 'utf8')), ...environment }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment
    throw new ConfigError([{ variable: '.env', reason: `cannot be read: ${(error as Error).message}` }])
  }
}
