// A stamp records the inputs that an expensive step was last run for.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder } from './root.mjs'

const stampFile = (name) => join(cacheFolder, `shop-${name}`)

/** One hash over the contents of these files and folders. A missing path counts as empty. */
export const hashOf = (paths) => {
  const hash = createHash('sha256').update(process.version)
  for (const file of paths.flatMap(filesUnder)) hash.update(`\0${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

export const isCurrent = (name, hash) => existsSync(stampFile(name)) && readFileSync(stampFile(name), 'utf8') === hash

export const remember = (name, hash) => {
  mkdirSync(dirname(stampFile(name)), { recursive: true })
  writeFileSync(stampFile(name), hash)
}

export const forget = (name) => rmSync(stampFile(name), { force: true })

const filesUnder = (path) => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return []
  if (!found.isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)))
}
