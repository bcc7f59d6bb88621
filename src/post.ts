import { Identities, openSessions } from './credentials/session.ts'
import { ServiceError } from './errors/service-error.ts'
import { explain } from './errors/sync-error.ts'
import { LockObject } from './lock/lock-object.ts'
import { releaseLeft } from './lock/release.ts'
import { lockUrl } from './model/lock.ts'
import { orAborted } from './model/or-aborted.ts'
import { humanObjects } from './model/units.ts'
import type { UploadTrace } from './model/upload-trace.ts'
import type { Ports } from './ports.ts'
import { storeAt } from './preflight/buckets.ts'
import { type LockTrace, postRequest, stateName } from './run/post-request.ts'
import { type OpenUploads, openUploads } from './storage/journaled.ts'
import { abortAll, abortUnheard } from './transfer/uploads.ts'

/** What a transfer of the step left. */
interface Left {
  readonly uploads: OpenUploads
  readonly trace: UploadTrace
  /** What the step kept of the transfer. */
  readonly request: string
}

/** Aborts what a transfer began and did not end. Throws what kept it from that. */
async function abortUnfinished({ uploads, trace, request: kept }: Left, ports: Ports) {
  const { host, store: openStore } = ports
  // Not read from the inputs again: inside of composite actions some runners give the post step others, or none.
  const request = await postRequest(kept, host)
  const { transfer, reporting } = request
  const log = host.log(reporting.logLevel, reporting.logLines)
  const sessions = await openSessions(request, new Identities(ports, log))
  const session = sessions[trace.by]
  const store = await storeAt(trace, session, { transfer, openStore })
  const { begun, unheard } = uploads
  const timeoutMs = transfer.requestTimeoutMs
  const [failure] = await abortAll(begun, store.objects, { timeoutMs })
  if (failure !== undefined) throw failure
  const search = { store, arn: session?.facts.arn, known: begun, timeoutMs, signal: host.cancelled }
  const lost = await abortUnheard(unheard, search).catch((error: unknown) => {
    log.line(
      'warn',
      `An unfinished multipart upload may remain at ${unheard[0]?.key}: the response to CreateMultipartUpload was lost, and the uploads there could not be listed or aborted: ${reasonOf(error)}`,
    )
    return 0
  })
  log.line('info', `Unfinished multipart uploads that were aborted: ${begun.length + lost}.`)
}

/** A service that refuses is no fault of the action. */
const reasonOf = (error: unknown): string =>
  error instanceof ServiceError ? `${error.name}: ${error.message}` : explain(error, 'report').text

/** What a cancelled or killed transfer left at the destination. Throws where nobody can tell. */
async function abortLeft(request: string, state: string, ports: Ports): Promise<void> {
  const { host, files } = ports
  const trace = JSON.parse(state) as UploadTrace
  const uploads = await openUploads(files, trace.path)
  const { begun, unheard } = uploads
  if (begun.length === 0 && unheard.length === 0) return
  const left = { uploads, trace, request }
  // The steps of a cancelled job have as little time as the run itself had.
  await orAborted(host.cancelled, abortUnfinished(left, ports)).catch((error: unknown) =>
    host.annotate(
      'warning',
      'Unfinished multipart uploads remain at the destination',
      `${humanObjects(begun.length, 'unfinished multipart upload')} could not be aborted, and the parts still cost storage: ${reasonOf(error)}\nThe next run under the same role aborts the uploads of the objects it copies; a lifecycle rule (AbortIncompleteMultipartUpload) removes the others.`,
    ),
  )
}

const POST_RELEASE_MS = 10_000

/** Gives back a lock that the step still holds, as one does that was killed. Throws what kept it from that. */
async function releaseLockLeft(state: string, request: string, ports: Ports): Promise<void> {
  const { host, store: openStore, clock } = ports
  const trace = JSON.parse(state) as LockTrace
  const {
    source,
    destination: to,
    access,
    sourceAccess,
    ...rest
  } = await postRequest(request, host)
  const { transfer, reporting } = rest
  const log = host.log(reporting.logLevel, reporting.logLines)
  const identities = new Identities(ports, log)
  const { destination } = await openSessions(
    { source, destination: to, access, sourceAccess, transfer },
    identities,
  )
  const store = await storeAt(trace, destination, { transfer, openStore })
  const end = await releaseLeft(trace.owner, {
    object: new LockObject(store, trace.lock, trace.headers),
    clock,
    heedsDeletes: trace.endpoint === undefined,
    withinMs: POST_RELEASE_MS,
  })
  if (end === 'released') log.line('info', `The lock ${lockUrl(trace.lock)} is released.`)
}

/** Gives the lock back that the step left. Never throws. */
async function releaseAny(ports: Ports): Promise<void> {
  const { host } = ports
  const state = host.state('lock')
  const request = host.state(stateName('request', { at: 0 }))
  if (state === '' || request === '') return
  // The steps of a cancelled job have as little time as the run itself had.
  await orAborted(host.cancelled, releaseLockLeft(state, request, ports)).catch((error: unknown) =>
    host.annotate(
      'warning',
      'The lock was not released',
      `The lock that the step held could not be released: ${reasonOf(error)}\nIt expires by itself, 30 seconds after its ttl.`,
    ),
  )
}

/** After the job: says so when the step was killed, aborts the uploads that it left unfinished, and gives its lock back. Never throws. */
export async function post(ports: Ports): Promise<void> {
  const { host } = ports
  if (host.state('finished') === '')
    host.annotate(
      'warning',
      's3-direct-sync was killed',
      'The step was killed before it could write its report, so its result is unknown. Run again: copied objects stay, and the rest is planned again.',
    )
  for (let at = 0; ; at++) {
    const request = host.state(stateName('request', { at }))
    if (request === '') break
    const state = host.state(stateName('uploads', { at }))
    if (state === '') continue
    await abortLeft(request, state, ports).catch((error: unknown) =>
      host.annotate(
        'warning',
        'Unfinished multipart uploads were not checked',
        `The state that the step saved for its post step cannot be read: ${explain(error, 'report').text}\nThe next run under the same role aborts the unfinished uploads of the objects it copies.`,
      ),
    )
  } // Behind what may still be written in its name.
  await releaseAny(ports)
}
