import type { PlaceRequest } from '../model/request.ts'
import type { InputName, InputValues } from './schema.ts'

/** What is wrong with an input, seen together with the others. */
export interface Problem {
  readonly input: InputName
  readonly text: string
}

const folder = (place: PlaceRequest): string =>
  place.path === '' || place.path.endsWith('/') ? place.path : `${place.path}/`

function overlap({ source, destination }: InputValues): string | undefined {
  if (!source || !destination || source.bucket !== destination.bucket) return undefined
  const [from, to] = [folder(source), folder(destination)]
  if (from === to) return 'is the same place as source: nothing could be copied'
  return to.startsWith(from)
    ? 'lies inside source: every run would copy its own results again'
    : undefined
}

/** Deletes would take from the source what the destination does not have. */
const deletesSource = ({ source, destination, delete: deletes }: InputValues): Problem[] =>
  deletes &&
  source &&
  destination &&
  source.bucket === destination.bucket &&
  folder(source) !== folder(destination) &&
  folder(source).startsWith(folder(destination))
    ? [{ input: 'delete', text: 'is not possible while source lies inside destination' }]
    : []

const ROLE_ONLY: readonly InputName[] = [
  'role-external-id',
  'inline-session-policy',
  'managed-session-policies',
  'web-identity-token-file',
]

const needsRole = (values: InputValues): Problem[] =>
  values['role-to-assume']
    ? []
    : ROLE_ONLY.filter((input) => values[input] !== undefined).map((input) => ({
        input,
        text: 'has a meaning only together with role-to-assume',
      }))

function keyPair(values: InputValues): Problem[] {
  const id = values['aws-access-key-id'] !== undefined
  const secret = values['aws-secret-access-key'] !== undefined
  if (id && !secret)
    return [{ input: 'aws-secret-access-key', text: 'is missing beside aws-access-key-id' }]
  if (secret && !id)
    return [{ input: 'aws-access-key-id', text: 'is missing beside aws-secret-access-key' }]
  return values['aws-session-token'] !== undefined && !id
    ? [{ input: 'aws-session-token', text: 'needs aws-access-key-id and aws-secret-access-key' }]
    : []
}

function identitySources(values: InputValues): Problem[] {
  const given = (['aws-access-key-id', 'aws-profile', 'web-identity-token-file'] as const).filter(
    (input) => values[input] !== undefined,
  )
  return given.length > 1
    ? given.slice(1).map((input) => ({ input, text: `cannot be combined with ${given[0]}` }))
    : []
}

function missingInstallInputs(values: InputValues): Problem[] {
  const method = values['install-method']
  if (method === 'path' && !values['s5cmd-path'])
    return [{ input: 's5cmd-path', text: 'is needed with install-method: path' }]
  if (method === 'mirror' && !values['s5cmd-url'])
    return [{ input: 's5cmd-url', text: 'is needed with install-method: mirror' }]
  return values['s5cmd-path'] && values['s5cmd-url']
    ? [{ input: 's5cmd-url', text: 'cannot be combined with s5cmd-path' }]
    : []
}

const planDir = ({ mode, 'plan-dir': given }: InputValues): Problem[] =>
  mode === undefined || mode === 'execute' || given === undefined
    ? []
    : [{ input: 'plan-dir', text: 'has a meaning only with mode: execute' }]

function s5cmdCannot({ engine, mode, overwrite }: InputValues): Problem[] {
  if (engine !== 's5cmd') return []
  const problem = (text: string): Problem[] => [{ input: 'engine', text }]
  if (mode === 'execute')
    return problem('s5cmd cannot bind a copy to the planned ETag: use auto or direct')
  if (overwrite === 'never')
    return problem('s5cmd cannot promise overwrite: never: use auto or direct')
  return []
}

const METADATA_INPUTS = [
  'cache-control',
  'content-type',
  'content-disposition',
  'content-encoding',
  'metadata',
] as const

function writeInputs(values: InputValues): Problem[] {
  const replaced = values['metadata-directive'] === 'REPLACE'
  const idle = replaced ? [] : METADATA_INPUTS.filter((input) => values[input] !== undefined)
  const kms = values.sse?.startsWith('aws:kms')
  return [
    ...idle.map((input) => ({
      input,
      text: 'has an effect only with metadata-directive: REPLACE, which replaces all metadata',
    })),
    ...(values['sse-kms-key-id'] !== undefined && !kms
      ? [{ input: 'sse-kms-key-id' as const, text: 'has an effect only with sse: aws:kms' }]
      : []),
  ]
}

/** An external id is told only when keys take the role. */
const externalId = (values: InputValues): Problem[] =>
  values['role-external-id'] && !values['aws-access-key-id'] && !values['aws-profile']
    ? [
        {
          input: 'role-external-id',
          text: 'has no effect where the role is taken by an OIDC token',
        },
      ]
    : []

/** What is wrong with the inputs together; a value that could not be read is left out. */
export function crossProblems(values: InputValues): Problem[] {
  const overlapping = overlap(values)
  return [
    ...(overlapping ? [{ input: 'destination' as const, text: overlapping }] : []),
    ...deletesSource(values),
    ...needsRole(values),
    ...keyPair(values),
    ...identitySources(values),
    ...externalId(values),
    ...missingInstallInputs(values),
    ...planDir(values),
    ...s5cmdCannot(values),
    ...writeInputs(values),
  ]
}
