import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Request } from 'express'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** No name leads out of the folder, and no other kind of file is served. */
const plainName = /^(page\/)?[a-z][a-z0-9_-]*\.(html|css|js|svg|png)$/i

/** A folder that the build fills: beside the built code of this package, or across from its sources. */
export const assetFolder = (name: string): string => {
  const [built = '', fromSource = ''] = [name, `../../dist/${name}`].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return existsSync(built) ? built : fromSource
}

/** A file of a folder, with its content type; undefined if there is no such file. */
export const fileIn = (
  folder: string,
  name: string,
): { readonly contentType: string; readonly file: string } | undefined => {
  const file = join(folder, name)
  if (!plainName.test(name) || !existsSync(file)) return undefined
  return { contentType: contentTypes[extname(name)] ?? 'application/octet-stream', file }
}

/** The file as the build has compressed it, if the client takes it so. */
export const encodedFile = (request: Request, file: string): { readonly file: string; readonly encoding?: 'br' } => {
  const compressed = `${file}.br`
  return request.acceptsEncodings('br') === 'br' && existsSync(compressed)
    ? { file: compressed, encoding: 'br' }
    : { file }
}
