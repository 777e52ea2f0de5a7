import type { IncomingMessage } from 'node:http'
import { isJson } from './body.js'
import { RequestRefused } from './problem.js'

const isBearer = (authorization: string | undefined): boolean => /^bearer /i.test(authorization ?? '')

/**
 * Whether a browser says that a page of this origin sent the request. Other clients send none of these headers
 * and pass.
 */
const isSameOrigin = ({ headers }: IncomingMessage): boolean => {
  const { 'sec-fetch-site': site, origin, host = '' } = headers
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host.toLowerCase())
}

/**
 * CSRF protection. Refuses a write that a cross-site page could send without a CORS preflight. A bearer token
 * and a JSON body both require a preflight, which this server never allows.
 */
export const refuseCrossSite = (request: IncomingMessage): void => {
  const { authorization, 'content-type': contentType } = request.headers
  if (isBearer(authorization) || isJson(contentType) || isSameOrigin(request)) return
  throw new RequestRefused({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: {
      en: 'A cross-site write needs content-type: application/json.',
      ko: '다른 사이트의 페이지에서 보내는 쓰기 요청에는 content-type: application/json이 필요합니다',
    },
  })
}
