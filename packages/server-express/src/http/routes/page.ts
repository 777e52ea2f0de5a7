import { fileIn } from '../files.js'
import type { PageDeps } from '../http-deps.js'
import { refuse } from '../problem.js'
import type { Reply } from '../reply.js'
import { page, type Route } from '../route.js'

const tag = 'Documentation'

const fileOf = async ({ page: folder }: PageDeps, name: string, cacheControl: string): Promise<Reply> => {
  const file = folder === undefined ? undefined : fileIn(folder, name)
  if (!file) throw refuse('NOT_FOUND')
  return { status: 200, ...file, cacheControl }
}

/** The web page of the shop. It is meant for people, so the OpenAPI document does not list it. */
export const pageRoutes: readonly Route[] = [
  page({
    path: '/',
    name: 'getPage',
    summary: 'The web page of the shop',
    tag,
    response: { status: 200, contentType: 'text/html' },
    isListed: false,
    handle: (_, deps) => fileOf(deps, 'index.html', 'no-cache'),
  }),
  page({
    path: '/page/{file}',
    name: 'getPageFile',
    summary: 'A file of the web page',
    tag,
    response: { status: 200, contentType: 'application/octet-stream' },
    isListed: false,
    // File names contain a content hash.
    handle: ({ params }, deps) => fileOf(deps, `page/${params.file}`, 'public, max-age=31536000, immutable'),
  }),
]
