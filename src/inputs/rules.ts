import { takesAll } from '../model/globs.ts'
import type { WholeRunReason } from '../model/outcome.ts'
import { overlapOf } from '../model/overlap.ts'
import type { PlaceRequest } from '../model/request.ts'
import { hasStrayBrace, RECIPES, unknownParts } from './recipes.ts'
import type { InputName, InputValues } from './schema.ts'
import { directBecause, endpointOf, isLocal } from './sides.ts'

/** What is wrong with an input, seen together with the others. */
export interface Problem {
  readonly input: InputName
  readonly text: string
}

/** The folder that a place names, be it one for sure or not. */
export const folderNamed = (place: PlaceRequest): string =>
  place.path === '' || place.path.endsWith('/') ? place.path : `${place.path}/`

function overlap(values: InputValues): Problem[] {
  const { source, destination } = values
  if (!source || !destination || source.bucket !== destination.bucket) return []
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
  if (!deletes || !source || !destination || source.bucket !== destination.bucket) return []
  const [from, to] = [folderNamed(source), folderNamed(destination)]
  if (from === to) {
    // Under other keys the source's own objects would be what only the destination has.
    const refused = template !== undefined && overlap(values).length === 0
    const text = 'is not possible with key-template while both are one folder'
    return refused ? [{ input: 'delete', text }] : []
  }
  return from.startsWith(to)
    ? [{ input: 'delete', text: 'is not possible while source lies inside destination' }]
    : []
}

/** With `aws s3 sync` an include behind such an exclude takes keys back. */
function excludesAll({ include = [], exclude = [] }: InputValues): Problem[] {
  const remedy =
    include.length > 0
      ? 'leave exclude out and keep include'
      : 'leave exclude out, and write include with what is to be copied, such as include: "*.csv"'
  return exclude.filter(takesAll).map((glob) => ({
    input: 'exclude',
    text: `${JSON.stringify(glob)} leaves nothing in scope, as an exclude wins over every include: ${remedy}`,
  }))
}

const ROLE_ONLY: readonly InputName[] = [
  'role-external-id',
  'inline-session-policy',
  'managed-session-policies',
]

function needsRole(values: InputValues): Problem[] {
  const text = 'has a meaning only together with role-to-assume'
  const role = values['role-to-assume'] !== undefined
  const idle = role ? [] : ROLE_ONLY.filter((input) => values[input] !== undefined)
  const anyRole = role || values['source-role-to-assume'] !== undefined
  const file = 'web-identity-token-file'
  return [...idle, ...(anyRole || values[file] === undefined ? [] : ([file] as const))].map(
    (input) => ({ input, text }),
  )
}

const EMPTY =
  ', or empty: so is a secret that does not exist, or that a pull request from a fork may not read'

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
    return [{ input: 's5cmd-path', text: 'is needed with install-method: path' }]
  if (method === 'mirror' && !values['s5cmd-url'])
    return [{ input: 's5cmd-url', text: 'is needed with install-method: mirror' }]
  return values['s5cmd-path'] && values['s5cmd-url']
    ? [{ input: 's5cmd-url', text: 'cannot be combined with s5cmd-path' }]
    : []
}

function planDir({ mode, 'plan-dir': given, 'report-dir': reportDir }: InputValues): Problem[] {
  if (mode !== 'execute' && mode !== 'finish')
    return given === undefined
      ? []
      : [{ input: 'plan-dir', text: 'has a meaning only with mode: execute and mode: finish' }]
  // The default of report-dir is a new folder, in which no plan can be.
  return given === undefined && reportDir === undefined
    ? [
        {
          input: 'plan-dir',
          text: `is needed with mode: ${mode}: the folder that holds ${mode === 'finish' ? 'plan.json' : 'plan.ndjson'}, be it here or as report-dir`,
        },
      ]
    : []
}

const S5CMD_CANNOT: Readonly<Record<Exclude<WholeRunReason, 'asked-for'>, string>> = {
  'approved-plan': 'bind a copy to the planned ETag',
  'overwrite-never': 'promise overwrite: never',
  'two-services': 'copy from one service to another',
  'two-identities': 'read as one identity and write as another',
  'local-files': 'send the conditions and checksums that files of this runner are uploaded with',
}

function s5cmdCannot(values: InputValues): Problem[] {
  const why = values.engine === 's5cmd' ? directBecause(values) : undefined
  return why === undefined || why === 'asked-for'
    ? []
    : [{ input: 'engine', text: `s5cmd cannot ${S5CMD_CANNOT[why]}: use auto or direct` }]
}

/** What describes objects to those who read them. */
export const METADATA_INPUTS = [
  'cache-control',
  'content-type',
  'content-disposition',
  'content-encoding',
  'metadata',
] as const

function metadataInputs(values: InputValues): Problem[] {
  const replaced = values['metadata-directive'] === 'REPLACE' || isLocal(values)
  const idle = replaced ? [] : METADATA_INPUTS.filter((input) => values[input] !== undefined)
  return idle.map((input) => ({
    input,
    text: 'has an effect only with metadata-directive: REPLACE, which replaces all metadata; to set it and keep the rest, use headers',
  }))
}

/** What says how a bucket is read. */
const OF_SOURCE_BUCKET = [
  'source-role-to-assume',
  'source-region',
  'source-profile',
  'source-aws-access-key-id',
  'source-aws-secret-access-key',
  'source-aws-session-token',
] as const

/** What has no meaning for files of this runner, or only for them. */
function localInputs(values: InputValues): Problem[] {
  const { symlinks, hidden } = values.local ?? {}
  const isUsual = symlinks === 'fail' && hidden === 'include'
  if (!isLocal(values))
    return values.local === undefined || isUsual
      ? []
      : [{ input: 'local', text: 'has an effect only where source is a folder of this runner' }]
  const idle = OF_SOURCE_BUCKET.filter((input) => values[input] !== undefined)
  const text = 'has no effect where source is a folder of this runner'
  return [
    ...idle.map((input) => ({ input, text })),
    ...(values['source-no-sign-request']
      ? [{ input: 'source-no-sign-request' as const, text }]
      : []),
    ...(values['metadata-directive'] === 'REPLACE'
      ? [{ input: 'metadata-directive' as const, text: `${text}: what is given is sent` }]
      : []),
    ...(values.manifest
      ? [
          {
            input: 'manifest' as const,
            text: 'names objects of a bucket, and source is a folder: leave it out, and pick files by include',
          },
        ]
      : []),
    ...(values.compare === 'newer'
      ? [
          {
            input: 'compare' as const,
            text: 'newer is not possible with files of this runner, whose times say when they were written here: use auto, which compares content',
          },
        ]
      : []),
  ]
}

const kmsKey = (values: InputValues): Problem[] =>
  values['sse-kms-key-id'] !== undefined && !values.sse?.startsWith('aws:kms')
    ? [{ input: 'sse-kms-key-id', text: 'has an effect only with sse: aws:kms' }]
    : []

/** An external id is told only when keys take the role, be they those that the runner has. */
const externalId = (values: InputValues): Problem[] =>
  values['role-external-id'] && values['web-identity-token-file']
    ? [
        {
          input: 'role-external-id',
          text: 'has no effect where the role is taken by an OIDC token',
        },
      ]
    : []

function manifestInputs(values: InputValues): Problem[] {
  return values.manifest && values.delete
    ? [
        {
          input: 'delete',
          text: 'is not possible with manifest: a list says what to copy, not what to remove: leave out delete, or manifest',
        },
      ]
    : []
}

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
        text: `${JSON.stringify(template)} names no part of the key, such as {name}; the recipe that is known is ${Object.keys(RECIPES).join(', ')}`,
      },
    ]
  const texts = unknownParts(template, pattern).map(
    (name) => `{${name}} is no group of key-pattern, nor one of {name} and {key}`,
  )
  if (hasStrayBrace(template)) texts.push('has a brace that belongs to no name')
  return texts.map((text) => ({ input: 'key-template', text }))
}

/** A distribution that serves nothing of the destination would never be told anything. */
function originPath({ cloudfront, destination }: InputValues): Problem[] {
  if (!cloudfront || !destination) return []
  const { originPrefix } = cloudfront
  const written = folderNamed(destination)
  if (written.startsWith(originPrefix) || originPrefix.startsWith(written)) return []
  const text = `origin-path=/${originPrefix.slice(0, -1)} holds nothing of destination, whose keys begin with ${written}`
  return [{ input: 'cloudfront', text }]
}

/** What each mode says of the parts of a plan. */
const SHARD_OF: Readonly<Record<string, (shard: InputValues['shard']) => string | undefined>> = {
  plan: (shard) =>
    shard && 'of' in shard
      ? 'names one of several parts: with mode: plan, say how many'
      : undefined,
  execute: (shard) =>
    shard && 'parts' in shard
      ? 'says how many parts: with mode: execute, name one, such as 3/8'
      : undefined,
}

/** How many runners share a plan. */
function shardInputs(values: InputValues): Problem[] {
  const { mode = 'sync', shard, 'shards-dir': shards, 'plan-id': planId } = values
  const job = values['batch-operations'] !== undefined
  const ofShard =
    shard === undefined
      ? undefined
      : (SHARD_OF[mode] ?? (() => 'has a meaning only with mode: plan and mode: execute'))(shard)
  const isShard = mode === 'execute' && shard !== undefined
  const inParts = shard !== undefined || mode === 'finish'
  const given = (input: InputName, text: string | false | undefined): Problem[] =>
    text ? [{ input, text }] : []
  return [
    ...given('shard', ofShard),
    ...given(
      'batch-operations',
      job &&
        (mode === 'plan' && shard !== undefined
          ? values.overwrite === 'never' &&
            'overwrites, and cannot promise overwrite: never: leave out one of the two'
          : 'has a meaning only with mode: plan and shard'),
    ),
    ...given(
      'shards-dir',
      mode === 'finish'
        ? shards === undefined &&
            'is needed with mode: finish: the folder that holds what the shards left'
        : shards !== undefined && 'has a meaning only with mode: finish',
    ),
    ...given(
      'plan-id',
      planId !== undefined &&
        !isShard &&
        mode !== 'finish' &&
        'has a meaning only with mode: finish, and with mode: execute and shard',
    ),
    ...given(
      'source',
      inParts &&
        isLocal(values) &&
        'is a folder of one runner, which others do not have: leave out shard',
    ),
    ...given(
      'dry-run',
      values['dry-run'] &&
        (mode === 'finish' || isShard) &&
        `is not possible with mode: ${mode}${isShard ? ' and shard' : ''}: mode: plan shows what would be done`,
    ),
  ]
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
  [planDir, 'mode', 'report-dir', 'plan-dir'],
  [s5cmdCannot, ...ENDPOINTS],
  [metadataInputs, 'metadata-directive'],
  [localInputs, 'source', 'local', 'metadata-directive', 'compare'],
  [kmsKey, 'sse'],
  [keyInputs, 'key-pattern', 'key-mismatch'],
  [manifestInputs, 'manifest'],
  [originPath],
  [shardInputs, 'mode', 'shard', 'batch-operations', 'shards-dir', 'plan-id', 'source'],
]

/** What is wrong with the inputs together; what follows from one that could not be read is left out. */
export const crossProblems = (values: InputValues, unread: ReadonlySet<string>): Problem[] =>
  RULES.flatMap(([rule, ...looksAt]) =>
    looksAt.some((input) => unread.has(input)) ? [] : rule(values),
  )
