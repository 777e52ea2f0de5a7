import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

export interface SigningKey {
  readonly alg: string
  readonly kid: string | undefined
  readonly keys: GenerateKeyPairResult
}

export const signingKey = async (alg: string, kid?: string): Promise<SigningKey> => ({
  alg,
  kid,
  keys: await generateKeyPair(alg, { extractable: true }),
})

export const publicJwk = async ({ alg, kid, keys }: SigningKey): Promise<JWK> => ({
  ...(await exportJWK(keys.publicKey)),
  alg,
  use: 'sig',
  ...(kid !== undefined && { kid }),
})

export const signedBy = ({ alg, kid, keys }: SigningKey, sub: string): Promise<string> =>
  new SignJWT({ scope: '' })
    .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
    .setSubject(sub)
    .setExpirationTime('1h')
    .sign(keys.privateKey)

/** A JWK set at a URL, with a count of its requests. */
export const serveKeySet = async (
  answer: () => { readonly status: number; readonly text: string },
): Promise<{ readonly url: string; readonly asked: () => number }> => {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    const { status, text } = answer()
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`, asked: () => asked }
}
