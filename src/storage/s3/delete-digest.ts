import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'

interface Request {
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array
}

const NEWER = /^x-amz-(checksum-|sdk-checksum-algorithm$)/

/**
 * Lets DeleteObjects carry Content-MD5 in place of the checksum that the SDK sends. All services take it, AWS too,
 * as every SDK sent it for fifteen years; many compatible ones know nothing else, and say MissingContentMD5. Only
 * one of the two is sent, as there are services that refuse headers which they do not know.
 */
export function sendMd5OfDeletes({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'DeleteObjectsCommand') {
          const { headers, body = '' } = args.request as Request
          for (const name of Object.keys(headers)) if (NEWER.test(name)) delete headers[name]
          headers['content-md5'] = createHash('md5').update(body).digest('base64')
        }
        return next(args)
      },
    // Behind what adds the checksum, before what signs.
    { step: 'build', priority: 'low', name: 'md5OfDeletes' },
  )
}
