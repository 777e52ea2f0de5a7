import type { ErrorRequestHandler, RequestHandler } from 'express'

const page = (title: string, text: string) => `<!doctype html><title>${title}</title><h1>${title}</h1><p>${text}</p>\n`

export const notFoundPage: RequestHandler = (_request, response) => {
  response.status(404).send(page('Not found', 'There is no such page.'))
}

/** Also receives the bugs of the shop's routes. Report them to Sentry and its like here. */
export const errorPage =
  (report: (error: unknown) => void): ErrorRequestHandler =>
  (error, _request, response, next) => {
    // A refusal of Express, for example a body that is not JSON.
    const status: number = error?.status ?? 500
    if (status >= 500) report(error)
    if (response.headersSent) next(error)
    else response.status(status).send(page('Sorry', status < 500 ? 'The request is malformed.' : 'Something broke.'))
  }
