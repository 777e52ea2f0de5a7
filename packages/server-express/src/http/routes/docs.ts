import type { RouteDeps } from '../http-deps.js'
import { docsFile, docsPage, problemsPage } from '../openapi/docs-page.js'
import { openApiDocument } from '../openapi/document.js'
import { refuse } from '../problem.js'
import type { Reply } from '../reply.js'
import { page, type Route, report } from '../route.js'

const tag = 'Documentation'
const cacheControl = 'no-cache'

const htmlReply = (content: string): Reply => ({
  status: 200,
  contentType: 'text/html; charset=utf-8',
  content,
  cacheControl,
})

/** Builds the document on its first request, from the routes at that time. */
export const docsRoutes = (routes: () => readonly Route[]): readonly Route[] => {
  let document: string | undefined
  const documentOf = ({ problemTable }: RouteDeps): string => {
    document ??= JSON.stringify(openApiDocument(routes(), problemTable))
    return document
  }
  return [
    report({
      path: '/openapi.json',
      name: 'getOpenApi',
      summary: 'Get this OpenAPI document',
      tag,
      response: { status: 200, contentType: 'application/json' },
      handle: async (_, deps) => ({
        status: 200,
        contentType: 'application/json',
        content: documentOf(deps),
        cacheControl,
      }),
    }),
    page({
      path: '/docs',
      name: 'getDocs',
      summary: 'Browse this document',
      tag,
      response: { status: 200, contentType: 'text/html' },
      handle: async () => htmlReply(docsPage),
    }),
    page({
      path: '/docs/problems',
      name: 'getProblems',
      summary: 'Explain every problem code',
      tag,
      response: { status: 200, contentType: 'text/html' },
      handle: async (_, { problemTable }) => htmlReply(problemsPage(problemTable)),
    }),
    page({
      path: '/docs/{file}',
      name: 'getDocsFile',
      summary: 'Get a file of the docs page',
      tag,
      response: { status: 200, contentType: 'application/octet-stream' },
      isListed: false,
      async handle({ params }) {
        const file = docsFile(params.file)
        if (!file) throw refuse('NOT_FOUND')
        return { status: 200, ...file, cacheControl: 'public, max-age=86400' }
      },
    }),
  ]
}
