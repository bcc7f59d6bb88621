import type { Faults, RequestInfo } from './faults.ts'

/** A request about the objects of a bucket as the server saw it: when it came, and when it was answered. */
export interface TimedRequest {
  readonly operation: string
  readonly key: string | undefined
  /** Counts all comings and answers. */
  readonly came: number
  answered: number
  /** Of the answer; 0 where it was lost. */
  status: number
}

/** Writes an object, or begins to. */
const WRITES: ReadonlySet<string> = new Set([
  'CopyObject',
  'PutObject',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'CompleteMultipartUpload',
])

const LOOKS: ReadonlySet<string> = new Set(['HeadObject', 'ListObjectsV2', 'ListObjects'])

/** Notes when requests to a bucket come and are answered. The list grows. */
export function watchOrder(faults: Faults, bucket: string): readonly TimedRequest[] {
  const seen: TimedRequest[] = []
  let tick = 0
  faults.add({
    match: (request: RequestInfo) => request.bucket === bucket,
    fault: async ({ operation = '', key }, next) => {
      const request: TimedRequest = { operation, key, came: ++tick, answered: 0, status: 0 }
      seen.push(request)
      try {
        const reply = await next()
        request.status = reply.status
        return reply
      } finally {
        request.answered = ++tick
      }
    },
  })
  return seen
}

/** A copy that was planned. */
export interface WavedCopy {
  /** Full key at the destination. */
  readonly to: string
  readonly wave: number
  /** Whether the answer to the copy may prove it, as it names the ETag of the source. */
  readonly answerProves: boolean
}

/** Why a copy is not done and proven by a moment; undefined: it is. One attempt may be open that another one made up for. */
function missingProof(
  { to, answerProves }: WavedCopy,
  requests: readonly TimedRequest[],
  moment: number,
): string | undefined {
  const named = JSON.stringify(to)
  const before = requests.filter(({ answered }) => answered > 0 && answered < moment)
  const made = before.filter(
    ({ operation, key, status }) => key === to && WRITES.has(operation) && status < 300,
  )
  const [first] = made
  if (!first) return `${named} was not written`
  if (answerProves && made.some(({ status }) => status === 200)) return undefined
  const looked = before.some(
    ({ operation, key, came, status }) =>
      LOOKS.has(operation) &&
      (key === to || key === undefined || key === '') &&
      status === 200 &&
      came > first.answered,
  )
  return looked ? undefined : `nobody looked at ${named}`
}

/** Where a wave began before every copy of those before it was done and proven. */
export function waveBreaches(
  copies: readonly WavedCopy[],
  requests: readonly TimedRequest[],
): readonly string[] {
  const waves = [...new Set(copies.map(({ wave }) => wave))].filter((wave) => wave > 0)
  return waves.flatMap((wave) => {
    const own = new Set(copies.filter((copy) => copy.wave === wave).map(({ to }) => to))
    const first = requests.find(({ operation, key = '' }) => WRITES.has(operation) && own.has(key))
    if (!first) return []
    const early = copies
      .filter((copy) => copy.wave < wave)
      .map((copy) => missingProof(copy, requests, first.came))
      .filter((why) => why !== undefined)
    return early.map((why) => `wave ${wave} began with ${JSON.stringify(first.key)}, but ${why}`)
  })
}

/** Where objects were deleted before every copy was done and proven. */
export function earlyDeletes(
  copies: readonly WavedCopy[],
  requests: readonly TimedRequest[],
): readonly string[] {
  const first = requests.find(({ operation }) => /^DeleteObjects?$/.test(operation))
  if (!first) return []
  return copies
    .map((copy) => missingProof(copy, requests, first.came))
    .filter((why) => why !== undefined)
    .map((why) => `objects were deleted, but ${why}`)
}
