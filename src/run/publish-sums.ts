import { createHash } from 'node:crypto'
import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { statOrList } from '../listing/stat-or-list.ts'
import { sameEtag } from '../model/etag.ts'
import { HEADERS_DIGEST } from '../model/header-rules.ts'
import { toKeyBytes } from '../model/key.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import { s3Url } from '../model/place.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import { optionsFor } from '../model/write-options.ts'
import { fetchObject } from '../storage/fetch-object.ts'
import type { HeadResult } from '../storage/store.ts'
import { writeHeaders } from '../transfer/direct/headers.ts'
import { ifUnchanged, putOwnFile } from '../transfer/own-object.ts'
import { type Sums, writeSums } from '../verify/sums.ts'
import { type Run, timed } from './pipeline.ts'
import type { Ready } from './ready.ts'

const NAME = OWN_KEYS.sums

const told = ({ lines, unknown, unnamed, written }: Sums): string =>
  [
    humanObjects(lines, 'line'),
    ...(unknown + unnamed > 0 ? [`${humanCount(unknown + unnamed)} objects without a line`] : []),
    ...(written === undefined ? [] : ['published']),
  ].join(', ')

const failed = (what: string, error: unknown): SyncError => {
  // What ended the run says itself what is to be done.
  if (error instanceof SyncError) return error
  const { code, message } = serviceFailure(error)
  return new SyncError('verify', `${NAME} could not be ${what}: ${code}: ${message}`, {
    hint: 'Copied objects stay copied, and nothing was deleted. If access was denied, allow s3:GetObject and s3:PutObject to the identity that writes the destination. Then run again.',
    cause: error,
  })
}

/**
 * Writes SHA256SUMS of what stands at the destination, and publishes it where that is asked for: behind all copies, and
 * only where all of them are done and proven. Gives whether it is where it is to be.
 */
export async function publishSums(
  run: Run,
  ready: Ready,
  scratch: string,
  cleared: boolean,
): Promise<boolean> {
  const { sums } = ready.request.selection
  const { published } = run.record
  if (!sums || published === undefined || !cleared) return cleared
  const before = run.record.stages.find(({ stage }) => stage === 'verify')?.line
  try {
    run.record.found.sums = await timed(
      run,
      { stage: 'verify', name: NAME },
      () => write(run, ready, { published, scratch }),
      (found) => ({
        told: told(found),
        line: [...(before ? [before] : []), `${NAME}: ${told(found)}`].join('; '),
      }),
    )
    return true
  } catch (error) {
    run.record.failure ??= error
    return false
  }
}

async function write(
  { ports }: Run,
  ready: Ready,
  { published, scratch }: { readonly published: string; readonly scratch: string },
): Promise<Sums> {
  const { request, facts, paths } = ready
  const { source, destination } = facts
  const { selection, transfer } = request
  const { sums, keys } = selection
  const { files, clock, host } = ports
  const { local } = source.store
  const isNamedAlike = local && !keys && !destination.single
  const count = await writeSums(
    { published, completed: unfinishedPath(paths.published), sums: paths.sums },
    {
      destination,
      folder: destination.prefix.slice(0, destination.prefix.lastIndexOf('/') + 1),
      files: isNamedAlike ? { local, prefix: source.prefix } : undefined,
      read: sums?.read === true,
    },
    {
      files,
      clock,
      scratch,
      timeoutMs: transfer.requestTimeoutMs,
      retryCount: transfer.retryCount,
      signal: host.cancelled,
    },
  ).catch((error: unknown) => {
    throw failed('made', error)
  })
  if (!sums?.upload) return { ...count, replaced: false }
  const put = await new SumsObject(ready, ports, scratch).put().catch((error: unknown) => {
    throw failed('published', error)
  })
  return { ...count, ...put }
}

/** SHA256SUMS below the destination. */
class SumsObject {
  readonly #ready: Ready
  readonly #ports: Run['ports']
  readonly #scratch: string

  constructor(ready: Ready, ports: Run['ports'], scratch: string) {
    this.#ready = ready
    this.#ports = ports
    this.#scratch = scratch
  }

  get #address() {
    const { bucket, prefix } = this.#ready.facts.destination
    return { bucket, key: prefix + NAME }
  }

  /** Writes it, unless it stands there as it is to be. */
  async put(): Promise<Pick<Sums, 'written' | 'replaced'>> {
    const { facts, request } = this.#ready
    const { clock, host, folder } = this.#ports
    const { store } = facts.destination
    const to = this.#address
    const stands = await statOrList(store, to, host.cancelled)
    const { transfer, selection, reporting } = request
    const isKept = selection.overwrite === 'never'
    if (stands && (await this.#isSame(stands)) && (isKept || (await this.#isDescribed())))
      return { replaced: false }
    if (stands && isKept)
      throw new SyncError(
        'verify',
        `A different ${NAME} already exists at ${s3Url(to.bucket, to.key)}, and overwrite: never protects it.`,
        { hint: 'Publish under another prefix, or remove upload from sha256sums.' },
      )
    const only = ifUnchanged(stands?.etag)
    const described = { 'content-type': 'text/plain; charset=utf-8' }
    const headers = writeHeaders(optionsFor(transfer.write, NAME), described, '')
    const { retryCount, requestTimeoutMs } = transfer
    const file = await folder(reporting.reportDir).open(toKeyBytes(NAME))
    try {
      const signal = host.cancelled
      const deps = { store, clock, retryCount, requestTimeoutMs, signal }
      await putOwnFile(file, { to, only, headers }, deps).catch(async (error: unknown) => {
        // The answer to a write of ours may have been lost.
        const now = await statOrList(store, to, signal)
        if (!now || !(await this.#isSame(now))) throw error
      })
    } finally {
      await file.close()
    }
    return { written: to.key, replaced: stands !== undefined }
  }

  /** Whether what stands there has the headers that rules say of it; so does what nobody may look at. */
  async #isDescribed(): Promise<boolean> {
    const { facts, request } = this.#ready
    const { write } = request.transfer
    if (!write.rules) return true
    const { cancelled: signal } = this.#ports.host
    const found = await facts.destination.store
      .describe(this.#address, signal)
      .catch(() => undefined)
    signal.throwIfAborted()
    const wanted = optionsFor(write, NAME).headers?.[HEADERS_DIGEST]
    return found === undefined || found[HEADERS_DIGEST] === wanted
  }

  /** Whether what stands there holds what is to be there. */
  async #isSame({ etag, size }: HeadResult): Promise<boolean> {
    const { request, paths } = this.#ready
    const { files, host } = this.#ports
    const { store } = this.#ready.facts.destination
    const md5 = createHash('md5')
    let bytes = 0
    for await (const chunk of files.chunks(paths.sums)) {
      md5.update(chunk)
      bytes += chunk.length
    }
    if (size !== bytes) return false
    if (sameEtag(etag, md5.digest('hex'))) return true
    const path = files.join(this.#scratch, 'stands-there')
    const failure = (error: unknown): Error => failed('compared', error)
    const timeoutMs = request.transfer.requestTimeoutMs
    const deps = { store, files, timeoutMs, signal: host.cancelled }
    const found = await fetchObject(this.#address, { path, mostBytes: bytes, failure }, deps)
    return found?.isRead === true && (await files.sha256(path)) === (await files.sha256(paths.sums))
  }
}
