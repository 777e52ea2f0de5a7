import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')
export const cacheFolder = join(root, 'node_modules', '.cache')

export const packageFolders = () =>
  readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, 'packages', entry.name))

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** A failed step that has already printed its reason. */
export class StepFailed extends Error {
  isStep = true
}
