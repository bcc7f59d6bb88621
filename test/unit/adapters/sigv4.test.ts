import { createHmac, hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSigner } from '../../../src/adapters/sigv4.ts'

const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY',
}
const AT_MS = Date.parse('2026-11-22T10:15:30Z')
const PAYLOAD = 'UNSIGNED-PAYLOAD'

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** The signature of a request to a region, and what Node's own HMAC says of the text that is signed. */
function signed(region: string, sign = createSigner({ region, service: 's3' }), nowMs = AT_MS) {
  const request = { method: 'GET', path: '/a', query: '', headers: { host: 'h' } }
  const headers = sign({ ...request, payloadSha256: PAYLOAD }, CREDENTIALS, nowMs)
  const time = headers['x-amz-date'] ?? ''
  const steps = [time.slice(0, 8), region, 's3', 'aws4_request']
  const names = 'host;x-amz-content-sha256;x-amz-date'
  const lines = `host:h\nx-amz-content-sha256:${PAYLOAD}\nx-amz-date:${time}\n`
  const canonical = `GET\n/a\n\n${lines}\n${names}\n${PAYLOAD}`
  const digest = hash('sha256', canonical)
  const text = `AWS4-HMAC-SHA256\n${time}\n${steps.join('/')}\n${digest}`
  const key = steps.reduce<Buffer>(hmac, Buffer.from(`AWS4${CREDENTIALS.secretAccessKey}`))
  const signature = /Signature=(\w+)$/.exec(headers['authorization'] ?? '')?.[1]
  return { signature, expected: hmac(key, text).toString('hex') }
}

describe('a signature', () => {
  it.each(['us-east-1', 'r'.repeat(300)])('is the HMAC of its text in region %s', (region) => {
    const { signature, expected } = signed(region)
    expect(signature).toBe(expected)
  })

  it('is right for the next request too, and by the key of the next day', () => {
    const sign = createSigner({ region: 'us-east-1', service: 's3' })
    for (const atMs of [AT_MS, AT_MS + 1000, AT_MS + 86_400_000]) {
      const { signature, expected } = signed('us-east-1', sign, atMs)
      expect(signature).toBe(expected)
    }
  })
})
