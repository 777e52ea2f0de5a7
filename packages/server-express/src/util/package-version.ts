import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Beside the built code, or two folders above the sources. */
const files = ['../package.json', '../../package.json'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** The version of this package. */
export const packageVersion: string = JSON.parse(readFileSync(files.find(existsSync) ?? 'package.json', 'utf8')).version
