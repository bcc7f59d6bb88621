import { type Denial, denialIn } from '../errors/denial.ts'
import { isPuzzled } from '../errors/service-failure.ts'
import { isAcrossRegions } from '../errors/spoken.ts'
import { sizeClassOf } from '../model/batch.ts'
import { ruledKey } from '../model/header-rules.ts'
import type { CopyOp } from '../model/op.ts'
import type { Outcome, RouteReason } from '../model/outcome.ts'
import type { Place } from '../model/place.ts'
import type { TransferRequest } from '../model/request.ts'
import { keepsOthers, keepsType, optionsFor } from '../model/write-options.ts'

const LARGEST_COPY_BYTES = 5 * 2 ** 30
/** Some services take less in one request, such as 5,000,000,000 bytes. */
const LARGEST_COPY_ELSEWHERE_BYTES = 4 * 2 ** 30

/** What the routing looks at beside the op. */
export interface RouteRules {
  readonly transfer: Pick<TransferRequest, 'engine' | 'directBecause' | 'write'>
  /** The s5cmd that is at hand. */
  readonly s5cmd: { readonly metadataDirective: boolean } | undefined
  readonly destination: Pick<Place, 'endpoint' | 'variant' | 'prefix' | 'single'>
  /** Whether s5cmd would use up the ports of this machine. */
  readonly fewPorts: boolean
}

/** Systems with 16,384 ports, each of which rests for up to minutes; s5cmd takes one for most copies. */
const FEW_PORTS: ReadonlySet<string> = new Set(['win32', 'darwin'])
const COPIES_WITHIN_PORTS = 8000

/** Whether so many copies by s5cmd would use up the ports of a platform, and fail for that. */
export const usesUpPorts = (platform: string, copies: number): boolean =>
  FEW_PORTS.has(platform) && copies > COPIES_WITHIN_PORTS

const dotSegment = (key: string): boolean => /(^|\/)\.\.?(\/|$)/.test(key)

/** Why s5cmd cannot write an object as it is to be. */
function writtenAs(
  { to }: CopyOp,
  { transfer, s5cmd, destination }: Omit<RouteRules, 'fewPorts'>,
): RouteReason | undefined {
  const options = optionsFor(transfer.write, ruledKey(destination, to))
  // Each line would need what describes its own object, which only a look at it tells.
  if (keepsType(options)) return 'type-kept'
  // It has no flag for a language.
  if (keepsOthers(options) || options.headers?.['content-language']) return 'headers-by-rule'
  if (options.metadata && !s5cmd?.metadataDirective) return 'metadata-on-old-s5cmd'
  if (options.tags === undefined) return undefined
  return options.tags === '' && transfer.write.tags === 'drop' ? 'tags-dropped' : 'tags-by-rule'
}

/** Why s5cmd cannot carry an op safely; undefined when it can. */
export function s5cmdCannot(
  op: CopyOp,
  { transfer, s5cmd, destination }: RouteRules,
): RouteReason | undefined {
  // At an endpoint s5cmd names the bucket in the path alone.
  if (destination.variant?.bucketInHost) return 'bucket-in-host'
  if (op.unnameable) return 'not-utf-8'
  if (op.archived) return 'archived'
  if (op.key.includes('\n') || op.to.includes('\n')) return 'newline-in-key'
  if (op.key.endsWith('/') || op.to.endsWith('/')) return 'trailing-slash'
  if (op.size > LARGEST_COPY_BYTES) return 'over-5-gib'
  if (destination.endpoint !== undefined && op.size > LARGEST_COPY_ELSEWHERE_BYTES)
    return 'over-4-gib-on-compatible-service'
  if (dotSegment(op.key) || dotSegment(op.to)) return 'dot-segment'
  // s5cmd names a space `+`; AWS reads that as a space, other services as a plus: another object.
  if (destination.endpoint !== undefined && op.key.includes(' '))
    return 'space-on-compatible-service'
  return op.pinned ? 'pinned-by-manifest' : writtenAs(op, { transfer, s5cmd, destination })
}

/** Policies that bind whoever writes to a bucket, and may want conditions of every write. */
const BINDING: ReadonlySet<string | undefined> = new Set<Denial['policy']>([
  'resource-based policy',
  'resource control policy',
  'service control policy',
])

/** Whether a policy denies a write as it was sent, whatever the identity may do; one that allows it only with a condition has the same effect. */
function isDeniedAsSent(message: string): boolean {
  const { action, policy, explicit } = denialIn(message) ?? {}
  return (
    action === 's3:PutObject' &&
    (explicit ? BINDING.has(policy) : policy === 'resource-based policy')
  )
}

/**
 * Whether the direct engine may carry what s5cmd was refused: it sends the conditions that the policy of a bucket may
 * want, cuts what is too large for one request, and knows ways around what a service does not know.
 */
export function mayGoDirect(
  { op, status, engine, code = '', message = '', httpStatus }: Outcome,
  { engine: asked }: Pick<TransferRequest, 'engine'>,
  { endpoint }: Pick<Place, 'endpoint'>,
): boolean {
  if (asked !== 'auto' || engine !== 's5cmd' || status !== 'failed') return false
  if (code === 'AccessDenied') return isDeniedAsSent(message) || isAcrossRegions({ message })
  if (code === 'EntityTooLarge') return true
  // A look tells whether it is gone, or whether the service only does not find it by the name in a header.
  if (code === 'NoSuchKey' || code === 'NoSuchBucket') return endpoint !== undefined
  const failure = { code, message, status: httpStatus }
  return isPuzzled(failure) && (httpStatus === 501 || code === 'MethodNotAllowed' || op.size > 0)
}

/** Why the direct engine carries an op; undefined when s5cmd does. */
export function routeToDirect(op: CopyOp, rules: RouteRules): RouteReason | undefined {
  if (rules.transfer.engine === 'direct') return rules.transfer.directBecause ?? 'asked-for'
  if (!rules.s5cmd) return 's5cmd-unavailable'
  const cannot = s5cmdCannot(op, rules)
  if (cannot !== undefined || rules.transfer.engine === 's5cmd') return cannot
  // Larger ones are not copied as fast as ports come free.
  return rules.fewPorts && sizeClassOf(op.size) === 'small' ? 'few-ports' : undefined
}
