import { openSessions } from './credentials/session.ts'
import { explain } from './errors/sync-error.ts'
import { orAborted } from './model/or-aborted.ts'
import type { UploadTrace } from './model/upload-trace.ts'
import type { Ports } from './ports.ts'
import { storeAt } from './preflight/buckets.ts'
import { postRequest } from './run/post-request.ts'
import { openUploads } from './storage/journaled.ts'
import type { Upload } from './storage/store.ts'
import { abortAll } from './transfer/uploads.ts'

/** Aborts what the step began and did not end. Throws what kept it from that. */
async function abortUnfinished(uploads: readonly Upload[], trace: UploadTrace, ports: Ports) {
  const { host, store: openStore } = ports
  // Not read from the inputs again: inside of composite actions some runners give the post step others, or none.
  const request = postRequest(host.state('request'), host)
  const { transfer, reporting } = request
  const log = host.log(reporting.logLevel, reporting.logLines)
  const sessions = await openSessions(request, { ports, log })
  const store = await storeAt(trace, sessions[trace.by], { transfer, openStore })
  const [failure] = await abortAll(uploads, store.objects, {
    timeoutMs: transfer.requestTimeoutMs,
  })
  if (failure !== undefined) throw failure
  log.line('info', `Unfinished multipart uploads that were aborted: ${uploads.length}.`)
}

/** What a cancelled or killed step left at the destination. Throws where nobody can tell. */
async function abortLeft(ports: Ports): Promise<void> {
  const { host, files } = ports
  const state = host.state('uploads')
  if (state === '') return
  const trace = JSON.parse(state) as UploadTrace
  const uploads = await openUploads(files, trace.path)
  if (uploads.length === 0) return
  // The steps of a cancelled job have as little time as the run itself had.
  await orAborted(host.cancelled, abortUnfinished(uploads, trace, ports)).catch((error: unknown) =>
    host.annotate(
      'warning',
      'Unfinished uploads stay at the destination',
      `${uploads.length} uploads in parts could not be aborted, and their parts cost storage: ${explain(error, 'report').text}\nThe next run of the same role aborts those of objects that it copies; a lifecycle rule for unfinished uploads removes the others.`,
    ),
  )
}

/** After the job: says so when the step was killed, and aborts the uploads that it left unfinished. Never throws. */
export async function post(ports: Ports): Promise<void> {
  const { host } = ports
  if (host.state('finished') === '')
    host.annotate(
      'warning',
      's3-direct-sync was killed',
      'The step ended before it could write its report, so its result is unknown. Run again: what was copied stays, and the rest is planned anew.',
    )
  await abortLeft(ports).catch((error: unknown) =>
    host.annotate(
      'warning',
      'Unfinished uploads were not looked for',
      `What the step left for its post step cannot be read: ${explain(error, 'report').text}\nThe next run of the same role aborts what it left of objects that it copies.`,
    ),
  )
}
