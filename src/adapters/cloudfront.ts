import { ServiceError } from '../errors/service-error.ts'
import type { Limit } from '../model/limit.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { Cdn, CdnAddress, Invalidation } from '../ports.ts'
import { agentsFor } from './agents.ts'
import { textOf, toldFailure } from './error-answer.ts'
import { createSigner, sha256 } from './sigv4.ts'
import { ask } from './wire.ts'

const API = '2020-05-31'
const NAMESPACE = `http://cloudfront.amazonaws.com/doc/${API}/`

/** One for the whole world, but for China's. */
const GLOBAL = { url: 'https://cloudfront.amazonaws.com', region: 'us-east-1' }
const CHINA = {
  url: 'https://cloudfront.cn-northwest-1.amazonaws.com.cn',
  region: 'cn-northwest-1',
}

/** Paths are escaped as URLs are, which leaves one character that XML has a use for. */
const inXml = (text: string): string => text.replaceAll('&', '&amp;')

const batchOf = ({ paths, reference }: Invalidation): Buffer =>
  Buffer.from(
    `<InvalidationBatch xmlns="${NAMESPACE}"><Paths><Quantity>${paths.length}</Quantity><Items>${paths
      .map((path) => `<Path>${inXml(path)}</Path>`)
      .join(
        '',
      )}</Items></Paths><CallerReference>${reference}</CallerReference></InvalidationBatch>`,
  )

/** CloudFront, by our own requests: its SDK would be as large as that of S3, for one of them. */
export function cloudFront({ endpoint, region, credentials }: CdnAddress): Cdn {
  const { url, region: signed } = region.startsWith('cn-') ? CHINA : GLOBAL
  const base = new URL(endpoint ?? url)
  const sign = createSigner({ region: signed, service: 'cloudfront' })
  const agents = agentsFor({ maxSockets: 1 })
  const root = base.pathname.replace(/\/$/, '')
  return {
    invalidate: async (invalidation, limit: Limit) => {
      const held = await orAborted(limit.signal, Promise.resolve(credentials()))
      const path = `${root}/${API}/distribution/${invalidation.distribution}/invalidation`
      const body = batchOf(invalidation)
      const own = { host: base.host, 'content-type': 'application/xml' }
      const signable = {
        method: 'POST',
        path,
        query: '',
        headers: own,
        payloadSha256: sha256(body),
      }
      const headers = sign(signable, held, Date.now())
      headers['content-length'] = String(body.length)
      headers['user-agent'] = 's3-direct-sync'
      const answer = await ask({ base, method: 'POST', target: path, headers, body }, agents, limit)
      if (answer.status >= 300) throw toldFailure(answer).error
      const id = textOf(answer.body.toString('latin1'), 'Id')
      if (id) return id
      throw new ServiceError('Unanswered', 'The response is not from CloudFront.', {
        status: answer.status,
      })
    },
  }
}
