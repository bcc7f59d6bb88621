import { SyncError } from '../errors/sync-error.ts'
import type { HeaderRule } from '../model/header-rules.ts'
import type { LocalRules } from '../model/local.ts'
import { LOCK_NAME, type LockRequest } from '../model/lock.ts'
import type { ManifestRequest } from '../model/manifest.ts'
import type {
  AccessRequest,
  CdnRequest,
  InstallRequest,
  KeyRules,
  PlaceRequest,
  ReportingRequest,
  SelectionRequest,
  Setting,
  SideRequest,
  SyncRequest,
  TransferRequest,
} from '../model/request.ts'
import { NO_BUCKET } from '../model/request.ts'
import type { ServiceAddress } from '../model/service.ts'
import { folderIn, type SharedFolder } from '../model/shared-folder.ts'
import type { ObjectMetadata, WriteOptions } from '../model/write-options.ts'
import type { Files, Host } from '../ports.ts'
import { folderNamed } from './areas.ts'
import { expanded } from './local-paths.ts'
import { METADATA_INPUTS } from './local-rules.ts'
import { RECIPES } from './recipes.ts'
import type { InputName, InputValues } from './schema.ts'
import type { Services } from './services.ts'
import { directBecause, isDownload, isLocal, keysOf, sourceAccessOf } from './sides.ts'

interface Surroundings {
  readonly files: Pick<Files, 'join'>
  readonly env: Host['env']
  /** Its name, where it is one of a list, and its place among them. */
  readonly transfer: { readonly name: string | undefined; readonly at: number }
  /** Where the files of the step go, absolute. */
  readonly reportDir: string
  readonly settings: readonly Setting[]
  readonly unknownInputs: readonly string[]
  readonly services: Services
  /** Headers by the keys of objects, where there are rules for them. */
  readonly rules: readonly HeaderRule[] | undefined
}

/** A value that a default or a rule has made certain. */
function certain<Name extends InputName>(
  values: InputValues,
  name: Name,
): NonNullable<InputValues[Name]> {
  const value = values[name]
  if (value === undefined)
    throw new SyncError('internal', `The input ${name} has neither a value nor a default.`)
  return value
}

function accessOf(values: InputValues, sts: ServiceAddress): AccessRequest {
  return {
    roleArn: values['role-to-assume'],
    sessionName: certain(values, 'role-session-name'),
    durationSeconds: certain(values, 'role-duration-seconds'),
    externalId: values['role-external-id'],
    audience: certain(values, 'audience'),
    inlinePolicy: values['inline-session-policy'],
    policyArns: values['managed-session-policies'] ?? [],
    allowedAccountIds: values['allowed-account-ids'] ?? [],
    profile: values['aws-profile'],
    keys: keysOf(values, ''),
    tokenFile: values['web-identity-token-file'],
    sts,
  }
}

/** What names the objects, with its path as this machine has it. */
function manifestOf(
  values: InputValues,
  { files, env }: Surroundings,
): ManifestRequest | undefined {
  const { manifest } = values
  if (!manifest) return undefined
  const { name, address, format } = manifest
  const missing = certain(values, 'manifest-missing')
  if ('bucket' in address) return { name, address, format, missing }
  const path = expanded(address.path, { env, files }) ?? address.path
  return { name, address: { path: files.join(path) }, format, missing }
}

function keys(values: InputValues): KeyRules | undefined {
  const template = values['key-template']
  if (template === undefined) return undefined
  const given = { pattern: values['key-pattern'], template }
  return { ...given, ...RECIPES[template], mismatch: certain(values, 'key-mismatch') }
}

/** How files of this runner are taken, or made, where a side has some. */
function localOf(values: InputValues): { readonly local?: LocalRules } {
  if (!isLocal(values) && !isDownload(values)) return {}
  const { symlinks, hidden } = certain(values, 'local')
  const partBytes = certain(values, 'part-size')
  const local = { symlinks, hidden, partBytes }
  return { local: isDownload(values) ? { ...local, isTarget: true } : local }
}

const selectionOf = (values: InputValues, around: Surroundings): SelectionRequest => ({
  include: values.include ?? [],
  exclude: values.exclude ?? [],
  compare: certain(values, 'compare'),
  overwrite: certain(values, 'overwrite'),
  allowEmptySource: certain(values, 'allow-empty-source'),
  delete: certain(values, 'delete'),
  deleteAfterMs: values['delete-after'],
  maxDelete: certain(values, 'max-delete'),
  keys: keys(values),
  ...localOf(values),
  lock: lockRequestOf(values),
  manifest: manifestOf(values, around),
  waves: values.waves,
  sums: values.sha256sums || undefined,
})

const install = (values: InputValues): InstallRequest => ({
  version: certain(values, 's5cmd-version'),
  path: values['s5cmd-path'],
  url: values['s5cmd-url'],
  sha256: values['s5cmd-sha256'],
  method: certain(values, 'install-method'),
})

/** Whether what describes the objects is said; of files nothing else does. */
const describes = (values: InputValues): boolean =>
  values['metadata-directive'] === 'REPLACE' ||
  (isLocal(values) && METADATA_INPUTS.some((input) => values[input] !== undefined))

const metadataOf = (values: InputValues): ObjectMetadata => ({
  cacheControl: values['cache-control'],
  // What files are guessed to be stands for the type of a source.
  contentType: values['content-type'] === 'guess' ? undefined : values['content-type'],
})

const write = (values: InputValues, { rules }: Surroundings): WriteOptions => ({
  storageClass: values['storage-class'],
  sse: values.sse,
  sseKmsKeyId: values['sse-kms-key-id'],
  acl: values.acl,
  metadata: describes(values) ? metadataOf(values) : undefined,
  ...(values.tags === 'drop' ? { tags: 'drop' as const } : {}),
  ...(rules ? { rules } : {}),
})

const engine = (values: InputValues): Pick<TransferRequest, 'engine' | 'directBecause'> => {
  const because = directBecause(values)
  return { engine: because ? 'direct' : certain(values, 'engine'), directBecause: because }
}

/** What each of several runners may take of a limit that is for all of them. */
const shareOf = (limit: number | undefined, { shard }: InputValues): number | undefined =>
  limit === undefined || !shard || 'parts' in shard ? limit : limit / shard.of

const transferOf = (values: InputValues, around: Surroundings): TransferRequest => ({
  ...engine(values),
  numworkers: certain(values, 'numworkers'),
  retryCount: certain(values, 'retry-count'),
  maxRetries: certain(values, 'max-retries'),
  retryDelayMs: certain(values, 'retry-delay'),
  batchSize: certain(values, 'batch-size'),
  partBytes: certain(values, 'part-size'),
  concurrency: certain(values, 'concurrency'),
  bytesPerSecond: shareOf(values['rate-limit'], values),
  requestsPerSecond: shareOf(values['requests-per-second'], values),
  requestTimeoutMs: certain(values, 'request-timeout'),
  maxDurationMs: values['max-duration'],
  requestPayer: values['request-payer'],
  verify: certain(values, 'verify'),
  write: write(values, around),
})

function cdnOf(
  { cloudfront }: InputValues,
  { cdnEndpoint: endpoint }: Services,
): CdnRequest | undefined {
  if (!cloudfront) return undefined
  const { distributions, maxPaths, originPrefix } = cloudfront
  return { distributions, maxPaths, originPrefix, endpoint }
}

/** With `auto` it lies right below the folder that the destination names, be that written with a slash at its end or not. */
function lockRequestOf({ lock, destination }: InputValues): LockRequest | undefined {
  if (!lock || !destination) return undefined
  const { at, waitMs, ttlMs } = lock
  const { bucket, key } =
    at === 'auto'
      ? { bucket: destination.bucket, key: `${folderNamed(destination)}${LOCK_NAME}` }
      : at
  return { bucket, key, waitMs, ttlMs }
}

/** The folder of a transfer in that of its step, which it has for itself where there is only one. */
const ownFolder = (folder: string, { transfer: { name }, files }: Surroundings): string =>
  name === undefined ? files.join(folder) : files.join(folder, name)

/** A folder in which jobs leave files for one another. */
const sharedOf = (place: PlaceRequest, { files }: Surroundings): SharedFolder =>
  place.local === undefined
    ? { bucket: place.bucket, prefix: folderNamed(place) }
    : { path: files.join(place.local) }

/** That of a transfer in that of its step. */
function planDirOf({ 'plan-dir': given }: InputValues, around: Surroundings): SharedFolder {
  const { transfer, files, reportDir } = around
  const folder = given ? sharedOf(given, around) : { path: files.join(reportDir) }
  return transfer.name === undefined ? folder : folderIn(folder, transfer.name, files.join)
}

const reportingOf = (values: InputValues, around: Surroundings): ReportingRequest => ({
  logLevel: certain(values, 'log-level'),
  logLines: certain(values, 'json') ? 'json' : 'text',
  reportDir: ownFolder(around.reportDir, around),
  jobSummary: certain(values, 'job-summary'),
  metricsNamespace: certain(values, 'cloudwatch-metrics')
    ? certain(values, 'cloudwatch-namespace')
    : undefined,
  metricsEndpoint: around.services.metricsEndpoint,
  failOn: certain(values, 'fail-on'),
  cdn: cdnOf(values, around.services),
})

const sideOf = ({ bucket, path }: PlaceRequest, service: ServiceAddress): SideRequest => ({
  bucket,
  path,
  endpoint: service.endpoint,
  region: service.region,
  variant: service.variant,
})

/** A folder of this runner is at no service. */
const folderOr = (place: PlaceRequest, service: ServiceAddress): SideRequest =>
  place.local === undefined
    ? sideOf(place, service)
    : { ...place, endpoint: undefined, region: '', variant: service.variant }

/** Whether a source is a folder or a file is seen where it is. */
const sourceOf = (place: PlaceRequest, service: ServiceAddress): SideRequest =>
  folderOr(place.local === undefined ? place : { ...place, path: '' }, service)

/** The request of a transfer that a set of checked values makes. */
export const requestOf = (values: InputValues, around: Surroundings): SyncRequest => ({
  name: around.transfer.name,
  at: around.transfer.at,
  source: sourceOf(values.source ?? NO_BUCKET, around.services.source),
  destination: folderOr(certain(values, 'destination'), around.services.destination),
  mode: certain(values, 'mode'),
  dryRun: certain(values, 'dry-run'),
  access: accessOf(values, around.services.sts),
  sourceAccess: sourceAccessOf(
    values,
    accessOf(values, around.services.sts),
    around.services.sourceSts,
  ),
  selection: selectionOf(values, around),
  install: install(values),
  transfer: transferOf(values, around),
  reporting: reportingOf(values, around),
  lock: lockRequestOf(values),
  planDir: planDirOf(values, around),
  shard: values.shard,
  shardsDir: values['shards-dir'] && sharedOf(values['shards-dir'], around),
  planId: values['plan-id'],
  settings: around.settings,
  unknownInputs: around.unknownInputs,
})
