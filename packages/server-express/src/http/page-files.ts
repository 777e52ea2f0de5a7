import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface PageFile {
  readonly contentType: string
  readonly content: Buffer
}

/** The files of the web page at `/`. */
export interface PageFiles {
  /** Reads a file by name. Undefined if it does not exist. */
  read(name: string): Promise<PageFile | undefined>
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Allowed file names. None of them can leave the folder. */
const plainName = /^(page\/)?[a-z][a-z0-9_-]*\.(html|css|js|svg)$/i

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** The folder of the built page: beside the built code, or in `dist` when run from sources. */
const builtFolder = (): string => {
  const [built = '', fromSource = ''] = ['page', '../../dist/page'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return existsSync(built) ? built : fromSource
}

/** Reads each file once, on its first request. */
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
