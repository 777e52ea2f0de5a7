import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface PageFile {
  readonly contentType: string
  readonly content: Buffer
}

/** The files of the page at `/`. */
export interface PageFiles {
  /** A file by its name, or nothing where there is none. */
  read(name: string): Promise<PageFile | undefined>
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** No name leads out of the folder. */
const plainName = /^(page\/)?[a-z][a-z0-9_-]*\.(html|css|js|svg)$/i

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Where the build puts the page: beside the built code of this package, or across from its sources. */
const builtFolder = (): string => {
  const [built = '', fromSource = ''] = ['page', '../../dist/page'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return existsSync(built) ? built : fromSource
}

/** Reads each file once, when it is first asked for. */
export const pageFiles = (folder: string = builtFolder()): PageFiles => {
  const files = new Map<string, Promise<PageFile>>()
  const load = async (name: string): Promise<PageFile> => ({
    contentType: contentTypes[extname(name)] ?? 'application/octet-stream',
    content: await readFile(join(folder, name)),
  })
  return {
    async read(name) {
      if (!plainName.test(name)) return undefined
      const file = files.get(name) ?? load(name)
      files.set(name, file)
      try {
        return await file
      } catch (error) {
        files.delete(name)
        if (isMissing(error)) return undefined
        throw error
      }
    },
  }
}
