import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import {
  type TimedRequest,
  type WavedCopy,
  waveBreaches,
} from 's3-direct-sync-testkit/wave-order.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SERVICES, servers, type TestService } from '../contract/services.ts'
import { rowsOf } from '../result-rows.ts'

/** The operations that the order is judged by. */
function operationOf({ method, headers }: http.IncomingMessage, url: URL): string {
  if (method === 'PUT') return headers['x-amz-copy-source'] ? 'CopyObject' : 'PutObject'
  if (method === 'HEAD') return 'HeadObject'
  if (method === 'GET' && url.searchParams.has('list-type')) return 'ListObjectsV2'
  return `${method}`
}

/** Stands before a service, and sees when requests to the bucket `dst` come and are answered; refuses writes of one key. */
async function startWitness(endpoint: string) {
  const seen: TimedRequest[] = []
  const refused = { key: '' }
  let tick = 0
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', endpoint)
    const [bucket, ...rest] = decodeURIComponent(url.pathname).slice(1).split('/')
    const key = rest.length > 0 && rest[0] !== '' ? rest.join('/') : undefined
    const operation = operationOf(request, url)
    const entry: TimedRequest = { operation, key, came: ++tick, answered: 0, status: 0 }
    if (bucket === 'dst') seen.push(entry)
    const end = (status: number): void => {
      entry.status = status
      entry.answered = ++tick
    }
    if (bucket === 'dst' && key === refused.key && operation === 'CopyObject') {
      request.resume()
      end(403)
      response.writeHead(403, { 'content-type': 'application/xml' })
      response.end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>')
      return
    }
    const { method, headers } = request
    const onward = http.request(url, { method, headers }, (answer) => {
      answer.on('end', () => end(answer.statusCode ?? 0))
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    refused,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe.each(servers('seaweedfs', 'moto'))('waves on %s', (name) => {
  let service: TestService
  let witness: Awaited<ReturnType<typeof startWitness>>
  beforeAll(async () => {
    service = await SERVICES[name]()
    witness = await startWitness(service.endpoint)
  }, 60_000)
  afterAll(async () => {
    witness.close()
    await service[Symbol.asyncDispose]()
  })

  const run = (folder: string, inputs: Readonly<Record<string, string>>): Promise<StepResult> =>
    runAction({
      timeoutMs: 60_000,
      inputs: {
        source: `s3://src/${folder}/`,
        destination: `s3://dst/${folder}/`,
        'endpoint-url': witness.endpoint,
        'sts-endpoint': witness.endpoint,
        'aws-access-key-id': service.keys.accessKeyId,
        'aws-secret-access-key': service.keys.secretAccessKey,
        'aws-region': 'us-east-1',
        's5cmd-path': parts().s5cmd,
        waves: 'apt',
        ...inputs,
      },
    })

  const WAVES = {
    'pool/a.deb': 0,
    'pool/b.deb': 0,
    'dists/s/main/Packages': 1,
    'dists/s/InRelease': 2,
    'dists/s/Release': 2,
  }

  it.each(['direct', 'auto'])(
    'begin behind the proof of those before them (engine: %s)',
    async (engine) => {
      const folder = `whole-${engine}`
      for (const key of Object.keys(WAVES)) await service.put(`${folder}/${key}`, `new ${key}`)
      await using done = await run(folder, { engine })
      expect(done.outputs).toMatchObject({ result: 'success', copied: '5' })
      const copies = Object.entries(WAVES).map(([key, wave]): WavedCopy => {
        return { to: `${folder}/${key}`, wave, answerProves: engine === 'direct' }
      })
      expect(waveBreaches(copies, witness.seen)).toEqual([])
      expect(witness.seen.some(({ key }) => key === `${folder}/dists/s/InRelease`)).toBe(true)
      await using again = await run(folder, { engine })
      expect(again.outputs).toMatchObject({ result: 'nothing-to-do' })
    },
    120_000,
  )

  it.each(['direct', 'auto'])(
    'are held back behind a copy that is refused (engine: %s)',
    async (engine) => {
      const folder = `held-${engine}`
      for (const key of Object.keys(WAVES)) await service.put(`${folder}/${key}`, `new ${key}`)
      witness.refused.key = `${folder}/pool/b.deb`
      await using partial = await run(folder, { engine })
      expect(partial.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '4' })
      const codes = (await rowsOf(partial, 'results')).map(({ key, code }) => [
        key.slice(folder.length + 1),
        code,
      ])
      expect(Object.fromEntries(codes)).toEqual({
        'pool/a.deb': undefined,
        'pool/b.deb': 'AccessDenied',
        'dists/s/main/Packages': 'HeldBack',
        'dists/s/InRelease': 'HeldBack',
        'dists/s/Release': 'HeldBack',
      })
      witness.refused.key = ''
      await using healed = await run(folder, { engine })
      expect(healed.outputs).toMatchObject({ result: 'success', copied: '4' })
    },
    120_000,
  )
})
