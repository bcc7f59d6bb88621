import { createSign, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An issuer of OIDC tokens on 127.0.0.1. */
export interface Issuer extends AsyncDisposable {
  readonly url: string
  readonly jwksUri: string
  /** A token for sts.amazonaws.com with this `sub`. */
  token(subject: string): string
}

/** Starts an issuer with a key of its own. */
export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ keys: [key] }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const token = (sub: string): string => {
    const iat = Math.floor(Date.now() / 1000)
    const claims = { iss: url, aud: 'sts.amazonaws.com', sub, iat, exp: iat + 300 }
    const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'one' })}.${encoded(claims)}`
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
  }
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
  }
  return { url, jwksUri: `${url}/jwks`, token, [Symbol.asyncDispose]: close }
}
