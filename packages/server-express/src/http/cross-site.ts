import type { IncomingMessage } from 'node:http'
import { isJson } from './body.js'
import { RequestRefused } from './problem.js'

const isBearer = (authorization: string | undefined): boolean => /^bearer /i.test(authorization ?? '')

/** What a browser says of the page that sends a request; what is no browser says nothing. */
const isOfOwnPage = ({ headers }: IncomingMessage): boolean => {
  const { 'sec-fetch-site': site, origin, host = '' } = headers
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host.toLowerCase())
}

/**
 * Refuses a write that a page of another site can make a browser send without being asked for permission first. A bearer token
 * and a JSON body need that permission, which this server does not give.
 */
export const refuseCrossSite = (request: IncomingMessage): void => {
  const { authorization, 'content-type': contentType } = request.headers
  if (isBearer(authorization) || isJson(contentType) || isOfOwnPage(request)) return
  throw new RequestRefused({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: {
      en: 'A write from a page of another site needs content-type: application/json.',
      ko: '다른 사이트의 페이지에서 보내는 쓰기 요청에는 content-type: application/json이 필요합니다',
    },
  })
}
