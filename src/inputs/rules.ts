import { takesAll } from '../model/globs.ts'
import type { WholeRunReason } from '../model/outcome.ts'
import { overlapOf } from '../model/overlap.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import type { PlaceRequest } from '../model/request.ts'
import { folderNamed } from './areas.ts'
import { folderInputs } from './folder-rules.ts'
import { downloadInputs, localInputs, METADATA_INPUTS } from './local-rules.ts'
import type { Problem } from './problem.ts'
import { hasStrayBrace, RECIPES, unknownParts } from './recipes.ts'
import type { InputName, InputValues } from './schema.ts'
import { shardInputs } from './shard-rules.ts'
import { directBecause, endpointOf, isDownload, isLocal } from './sides.ts'

function overlap(values: InputValues): Problem[] {
  const { source, destination } = values
  if (!source || !destination || isLocal(values) || isDownload(values)) return []
  if (source.bucket !== destination.bucket) return []
  // Buckets of two services may have the same name.
  if (endpointOf(values, 'source') !== endpointOf(values, 'destination')) return []
  const text = overlapOf(folderNamed(source), folderNamed(destination), { deletes: false })
  return text === undefined ? [] : [{ input: 'destination', text }]
}

/**
 * Deletes would take from the source what the destination does not have. Two names may mean one service,
 * so that here the names of the buckets are enough.
 */
function deletesSource(values: InputValues): Problem[] {
  const { source, destination, delete: deletes, 'key-template': template } = values
  if (!deletes || !source || !destination || isLocal(values) || isDownload(values)) return []
  if (source.bucket !== destination.bucket) return []
  const [from, to] = [folderNamed(source), folderNamed(destination)]
  if (from === to) {
    // Under other keys the source's own objects would be what only the destination has.
    const refused = template !== undefined && overlap(values).length === 0
    const text =
      'cannot be combined with key-template when source and destination are the same folder'
    return refused ? [{ input: 'delete', text }] : []
  }
  return from.startsWith(to)
    ? [{ input: 'delete', text: 'cannot be used when source is inside destination' }]
    : []
}

/** With `aws s3 sync` an include behind such an exclude takes keys back. */
function excludesAll({ include = [], exclude = [] }: InputValues): Problem[] {
  const remedy =
    include.length > 0
      ? 'remove exclude and keep include'
      : 'remove exclude, and set include to what should be copied, such as include: "*.csv"'
  return exclude.filter(takesAll).map((glob) => ({
    input: 'exclude',
    text: `${JSON.stringify(glob)} excludes everything, because an exclude overrides every include: ${remedy}`,
  }))
}

const ROLE_ONLY: readonly InputName[] = [
  'role-external-id',
  'inline-session-policy',
  'managed-session-policies',
]

function needsRole(values: InputValues): Problem[] {
  const text = 'has an effect only with role-to-assume'
  const role = values['role-to-assume'] !== undefined
  const idle = role ? [] : ROLE_ONLY.filter((input) => values[input] !== undefined)
  const anyRole = role || values['source-role-to-assume'] !== undefined
  const file = 'web-identity-token-file'
  return [...idle, ...(anyRole || values[file] === undefined ? [] : ([file] as const))].map(
    (input) => ({ input, text }),
  )
}

const EMPTY =
  ', or empty: a secret is empty if it does not exist, or if this run may not read it (a pull request from a fork)'

function keyPair(values: InputValues, prefix: 'source-' | ''): Problem[] {
  const [id, secret, token] = [
    `${prefix}aws-access-key-id`,
    `${prefix}aws-secret-access-key`,
    `${prefix}aws-session-token`,
  ] as const
  const [hasId, hasSecret] = [values[id] !== undefined, values[secret] !== undefined]
  if (hasId && !hasSecret) return [{ input: secret, text: `is missing beside ${id}${EMPTY}` }]
  if (hasSecret && !hasId) return [{ input: id, text: `is missing beside ${secret}${EMPTY}` }]
  return values[token] !== undefined && !hasId
    ? [{ input: token, text: `needs ${id} and ${secret}` }]
    : []
}

/** Of each of these groups at most one may be given. */
const ALTERNATIVES: readonly (readonly InputName[])[] = [
  ['aws-access-key-id', 'aws-profile', 'web-identity-token-file'],
  ['source-aws-access-key-id', 'source-profile'],
]

function identitySources(values: InputValues): Problem[] {
  const clashes = ALTERNATIVES.flatMap((group) => {
    const given = group.filter((input) => values[input] !== undefined)
    return given.slice(1).map((input) => ({ input, text: `cannot be combined with ${given[0]}` }))
  })
  const unsigned = values['source-no-sign-request']
    ? (['source-role-to-assume', 'source-aws-access-key-id', 'source-profile'] as const).filter(
        (input) => values[input] !== undefined,
      )
    : []
  const idle = unsigned.map((input) => ({
    input,
    text: 'has no effect with source-no-sign-request: true',
  }))
  return [...clashes, ...idle]
}

/** What names another binary than the one that Go builds or Homebrew has. */
const OTHER_BINARIES = ['s5cmd-path', 's5cmd-url', 's5cmd-sha256'] as const

function installInputs(values: InputValues): Problem[] {
  const method = values['install-method']
  if (method === 'go' || method === 'brew') {
    const text = `has no effect with install-method: ${method}`
    return OTHER_BINARIES.filter((input) => values[input] !== undefined).map((input) => ({
      input,
      text,
    }))
  }
  if (method === 'path' && !values['s5cmd-path'])
    return [{ input: 's5cmd-path', text: 'is required with install-method: path' }]
  if (method === 'mirror' && !values['s5cmd-url'])
    return [{ input: 's5cmd-url', text: 'is required with install-method: mirror' }]
  return values['s5cmd-path'] && values['s5cmd-url']
    ? [{ input: 's5cmd-url', text: 'cannot be combined with s5cmd-path' }]
    : []
}

const S5CMD_CANNOT: Readonly<Record<Exclude<WholeRunReason, 'asked-for'>, string>> = {
  'approved-plan': 'make a copy conditional on the planned ETag',
  'overwrite-never': 'guarantee overwrite: never',
  'two-services': 'copy from one service to another',
  'two-identities': 'read with one identity and write with another',
  'local-files':
    'upload local files with conditions and checksums, or download without overwriting files in place',
}

function s5cmdCannot(values: InputValues): Problem[] {
  const why = values.engine === 's5cmd' ? directBecause(values) : undefined
  return why === undefined || why === 'asked-for'
    ? []
    : [{ input: 'engine', text: `s5cmd cannot ${S5CMD_CANNOT[why]}: use auto or direct` }]
}

function metadataInputs(values: InputValues): Problem[] {
  const replaced =
    values['metadata-directive'] === 'REPLACE' || isLocal(values) || isDownload(values)
  const idle = replaced ? [] : METADATA_INPUTS.filter((input) => values[input] !== undefined)
  return idle.map((input) => ({
    input,
    text: 'has an effect only with metadata-directive: REPLACE, which replaces all metadata; to set it and keep the rest, use headers',
  }))
}

const kmsKey = (values: InputValues): Problem[] =>
  !isDownload(values) &&
  values['sse-kms-key-id'] !== undefined &&
  !values.sse?.startsWith('aws:kms')
    ? [{ input: 'sse-kms-key-id', text: 'has an effect only with sse: aws:kms' }]
    : []

/** An external id is told only when keys take the role, be they those that the runner has. */
const externalId = (values: InputValues): Problem[] =>
  values['role-external-id'] && values['web-identity-token-file']
    ? [
        {
          input: 'role-external-id',
          text: 'has no effect when the role is assumed by OIDC token',
        },
      ]
    : []

function manifestInputs(values: InputValues): Problem[] {
  return values.manifest && values.delete
    ? [
        {
          input: 'delete',
          text: 'cannot be combined with manifest, which lists what to copy, not what to remove: remove delete or manifest',
        },
      ]
    : []
}

const deleteAfter = (values: InputValues): Problem[] =>
  values['delete-after'] !== undefined && !values.delete
    ? [{ input: 'delete-after', text: 'has an effect only with delete: true' }]
    : []

function keyInputs(values: InputValues): Problem[] {
  const { 'key-pattern': pattern, 'key-template': template, 'key-mismatch': mismatch } = values
  if (template === undefined) {
    const text = 'has an effect only with key-template'
    return [
      ...(pattern === undefined ? [] : [{ input: 'key-pattern' as const, text }]),
      ...(mismatch === 'keep' ? [] : [{ input: 'key-mismatch' as const, text }]),
    ]
  }
  if (Object.hasOwn(RECIPES, template))
    return pattern === undefined
      ? []
      : [{ input: 'key-pattern', text: `cannot be combined with key-template: ${template}` }]
  if (!template.includes('{'))
    return [
      {
        input: 'key-template',
        text: `${JSON.stringify(template)} contains no part of the key, such as {name}; the known recipe is ${Object.keys(RECIPES).join(', ')}`,
      },
    ]
  const texts = unknownParts(template, pattern).map(
    (name) => `{${name}} is not a group of key-pattern, and not {name} or {key}`,
  )
  if (hasStrayBrace(template)) texts.push('has an unmatched brace')
  return texts.map((text) => ({ input: 'key-template', text }))
}

/** A distribution that serves nothing of the destination would never be told anything. */
function originPath({ cloudfront, destination }: InputValues): Problem[] {
  if (!cloudfront || !destination || destination.local !== undefined) return []
  const { originPrefix } = cloudfront
  const written = folderNamed(destination)
  if (written.startsWith(originPrefix) || originPrefix.startsWith(written)) return []
  const text = `origin-path=/${originPrefix.slice(0, -1)} contains no key of destination: these begin with ${written}`
  return [{ input: 'cloudfront', text }]
}

/** A lock is an object of its own. */
function lockPlace({ lock, source, destination, manifest }: InputValues): Problem[] {
  const at = lock?.at
  if (at === undefined || at === 'auto') return []
  const isAt = (bucket: string | undefined, key: string): boolean =>
    bucket === at.bucket && key === at.key
  const named = (place: PlaceRequest | undefined): boolean =>
    place !== undefined && isAt(place.bucket, place.path)
  const list = manifest && 'bucket' in manifest.address ? manifest.address : undefined
  const isList = list !== undefined && isAt(list.bucket, list.key)
  const own = Object.values(OWN_KEYS).find(
    (name) => destination && isAt(destination.bucket, `${folderNamed(destination)}${name}`),
  )
  const taken = named(source) ? 'source' : named(destination) ? 'destination' : undefined
  const what = taken ?? (isList ? 'manifest' : own && `${own} of the destination`)
  const text = `is the same object as ${what}: set another key for the lock`
  return what === undefined ? [] : [{ input: 'lock', text }]
}

const keysOfWriter = (values: InputValues): Problem[] => keyPair(values, '')
const keysOfReader = (values: InputValues): Problem[] => keyPair(values, 'source-')

const ENDPOINTS = ['endpoint-url', 'source-endpoint-url', 'destination-endpoint-url'] as const

/** Rules, and the inputs without which one says what is not so. */
const RULES: readonly (readonly [(values: InputValues) => Problem[], ...InputName[]])[] = [
  [overlap, ...ENDPOINTS],
  [deletesSource],
  [excludesAll],
  [needsRole, 'role-to-assume', 'source-role-to-assume'],
  [keysOfWriter],
  [keysOfReader],
  [identitySources],
  [externalId],
  [installInputs, 'install-method', 's5cmd-url'],
  [folderInputs, 'mode', 'report-dir', 'plan-dir', 'shards-dir', 'shard', ...ENDPOINTS],
  [s5cmdCannot, ...ENDPOINTS],
  [metadataInputs, 'metadata-directive'],
  [localInputs, 'source', 'destination', 'local', 'metadata-directive', 'compare'],
  [downloadInputs, 'source', 'destination', 'local', 'metadata-directive', 'compare'],
  [kmsKey, 'sse'],
  [keyInputs, 'key-pattern', 'key-mismatch'],
  [manifestInputs, 'manifest'],
  [deleteAfter, 'delete'],
  [originPath],
  [lockPlace],
  [shardInputs, 'mode', 'shard', 'plan-id', 'source'],
]

/** What is wrong with the inputs together; what follows from one that could not be read is left out. */
export const crossProblems = (values: InputValues, unread: ReadonlySet<string>): Problem[] =>
  RULES.flatMap(([rule, ...looksAt]) =>
    looksAt.some((input) => unread.has(input)) ? [] : rule(values),
  )
