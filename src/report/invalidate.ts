import { randomUUID } from 'node:crypto'
import { networkHint } from '../errors/catalogue.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { withRetry } from '../flow/retry.ts'
import { spareMs } from '../flow/shutdown.ts'
import type { ChangedPaths } from '../model/cdn-paths.ts'
import type { InvalidationFacts } from '../model/report.ts'
import { tellsServices } from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import type { Cdn, Clock, Host, Invalidation, Log } from '../ports.ts'
import type { Run } from '../run/pipeline.ts'

/** So many paths with a wildcard may be under way at a time. */
const MOST_WILDCARDS = 15
/** Paths of one request. */
const MOST_AT_ONCE = 1000
/** How long others that are under way are waited for, and how often they are asked after. */
const MOST_WAIT_MS = 5 * 60_000
const WAIT_MS = 10_000

/** What became of the invalidations of a run. */
export interface Invalidated {
  readonly made: readonly InvalidationFacts[]
  /** What was not made, each with how it is made by hand. */
  readonly problems: readonly string[]
}

const NONE: Invalidated = { made: [], problems: [] }

/** In a shell a word that stands for itself. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** More paths than that are no line for a person. */
const MOST_IN_LINE = 30

/** What CloudFront says of paths that it takes from nobody. */
const NO_PATHS = 'InvalidArgument'

/** The command of the AWS CLI that does the same, or more where it would be too long, or be refused as well. */
function commandOf({ distribution, paths }: Invalidation, error: unknown): string {
  const all = paths.length > MOST_IN_LINE || serviceFailure(error).code === NO_PATHS
  return `aws cloudfront create-invalidation --distribution-id ${distribution} --paths ${
    all ? quoted('/*') : paths.map(quoted).join(' ')
  }`
}

/** What went wrong, and what to do. */
function reasonOf(error: unknown): string {
  if (error instanceof SyncError && error.kind === 'cancelled') return 'the run was cancelled.'
  if (error instanceof SyncError) return `${error.message} ${error.hint ?? ''}`.trim()
  const failure = serviceFailure(error)
  const { code, message, status } = failure
  const told = `${code}: ${message.replace(/\.$/, '')}.`
  if (status === undefined) return `${told} ${networkHint(failure) ?? ''}`.trim()
  return status === 403
    ? `${told} Allow cloudfront:CreateInvalidation on the distribution to the identity that writes the destination.`
    : told
}

/** What invalidations are made with. */
interface Making {
  /** Opened once for each: what keeps it from that is a problem of its own. */
  readonly cdn: () => Promise<Cdn>
  readonly host: Pick<Host, 'cancelled' | 'cancelledForMs'>
  readonly clock: Clock
  readonly log: Log
  readonly timeoutMs: number
}

/** Makes one, and waits for its turn where too many are under way. The same reference makes none twice. */
async function makeInTurn(invalidation: Invalidation, making: Making): Promise<string> {
  const { clock, log, timeoutMs } = making
  const signal = making.host.cancelled
  const cdn = await making.cdn()
  const ask = () => cdn.invalidate(invalidation, { timeoutMs, signal })
  const untilMs = clock.now() + MOST_WAIT_MS
  for (;;)
    try {
      return await withRetry(clock, ask, ({ code }) =>
        log.line('debug', `CloudFront: ${code}, retrying`),
      )
    } catch (error) {
      signal.throwIfAborted()
      const isFull = serviceFailure(error).code === 'TooManyInvalidationsInProgress'
      if (!isFull || clock.now() + WAIT_MS > untilMs) throw error
      log.line('info', 'CloudFront has too many invalidations in progress: waiting for them.')
      await clock.sleep(WAIT_MS, signal)
    }
}

/** Makes one in what time a cancelled run has left. */
async function makeInHaste(invalidation: Invalidation, making: Making): Promise<string> {
  const { host, clock, timeoutMs } = making
  const [over, late] = [new AbortController(), new AbortController()]
  void clock
    .sleep(spareMs(host.cancelledForMs()), over.signal)
    .then(() => late.abort(host.cancelled.reason))
  try {
    const cdn = await making.cdn()
    return await cdn.invalidate(invalidation, { timeoutMs, signal: late.signal })
  } finally {
    over.abort()
  }
}

async function make(invalidation: Invalidation, making: Making): Promise<string> {
  const { cancelled } = making.host
  if (cancelled.aborted) return makeInHaste(invalidation, making)
  return makeInTurn(invalidation, making).catch((error: unknown) => {
    if (!cancelled.aborted) throw error
    return makeInHaste(invalidation, making)
  })
}

/**
 * The invalidations that cover what changed. Their references are of this run alone: one plan may be carried out by
 * several runs, and of a reference that it knows CloudFront makes nothing.
 */
function invalidationsOf(
  paths: readonly string[],
  distributions: readonly string[],
): Invalidation[] {
  const run = randomUUID().replaceAll('-', '')
  const chunks = Array.from({ length: Math.ceil(paths.length / MOST_AT_ONCE) }, (_, at) =>
    paths.slice(at * MOST_AT_ONCE, (at + 1) * MOST_AT_ONCE),
  )
  return distributions.flatMap((distribution) =>
    chunks.map((chunk, at) => ({
      distribution,
      paths: chunk,
      reference: `s3-direct-sync-${run}-${at}`,
    })),
  )
}

/**
 * Tells CloudFront what was overwritten or deleted, where that is asked for; what could not be told is a problem for a
 * person, and never another result. A cancelled run asks but once: no later run knows what this one changed.
 */
export async function invalidate(changed: ChangedPaths, run: Run): Promise<Invalidated> {
  const { record, ports, log } = run
  const { inputs, credentials, preflight } = record.found
  const cdn = inputs?.reporting.cdn
  if (!cdn || !credentials || !preflight?.facts || !tellsServices(inputs)) return NONE
  const { maxPaths: paths, distributions, endpoint } = cdn
  const told = changed.covering({ paths, wildcards: MOST_WILDCARDS })
  const wanted = invalidationsOf(told, distributions)
  const made: InvalidationFacts[] = []
  const problems: string[] = []
  const address = {
    endpoint,
    region: preflight.facts.destination.region,
    credentials: credentials.destination.credentials,
  }
  const making: Making = {
    cdn: () => ports.cdn(address),
    host: ports.host,
    clock: ports.clock,
    log,
    timeoutMs: inputs.transfer.requestTimeoutMs,
  }
  for (const one of wanted)
    try {
      const id = await make(one, making)
      made.push({ distribution: one.distribution, id, paths: one.paths })
      log.line(
        'info',
        `CloudFront ${one.distribution}: ${humanObjects(one.paths.length, 'path')} invalidated (${id})`,
      )
    } catch (error) {
      problems.push(
        `CloudFront ${one.distribution} could not be invalidated: ${reasonOf(error)} To do it by hand: ${commandOf(one, error)}`,
      )
    }
  return { made, problems }
}
