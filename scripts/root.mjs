import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')
export const cacheFolder = join(root, 'node_modules', '.cache')

export const packageFolders = () =>
  readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, 'packages', entry.name))

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** The entries in a package's `exports`: the name that consumers import, and its published files. */
export const entriesOf = (folder) => {
  const { name, exports, publishConfig } = readJson(join(folder, 'package.json'))
  // pnpm moves publishConfig.exports to exports as it packs.
  return Object.entries(publishConfig.exports ?? exports)
    .filter(([, entry]) => typeof entry === 'object')
    .map(([path, { types, default: code }]) => ({ name: name + path.slice(1), types, code }))
}

/** A failed step that has already printed its reason. */
export class StepFailed extends Error {
  isStep = true
}
