import { randomBytes } from 'node:crypto'
import { compilePolicy, type Policy, type PolicyDocument } from './policy.ts'

/** Keys as the AWS SDK takes them. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Who signed a request. */
export interface Caller {
  readonly arn: string
  readonly userId: string
  /** ARNs that a trust policy may name: its own, its role's, its account's. */
  readonly principals: readonly string[]
  readonly identityPolicies: readonly Policy[]
  /** What the session was narrowed to; empty means not narrowed. */
  readonly sessionPolicies: readonly Policy[]
  readonly chained: boolean
}

/** A caller's keys; only sessions have a token and an end. */
export interface Key {
  readonly caller: Caller
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
  readonly expiresAtMs: number
}

/** A role: who may take it and what it may do. */
export interface RoleSpec {
  readonly name: string
  readonly trust: PolicyDocument
  readonly policies: readonly PolicyDocument[]
  /** Default 3600; AWS allows 3600 to 43200. */
  readonly maxSessionSeconds?: number
}

/** A role as STS sees it. */
export interface Role {
  readonly name: string
  readonly arn: string
  readonly id: string
  readonly trust: Policy
  readonly policies: readonly Policy[]
  readonly maxSessionSeconds: number
}

/** The account's users, roles and managed policies. */
export interface Iam {
  readonly account: string
  /** A user who may do everything. */
  readonly admin: Credentials
  readonly addUser: (
    name: string,
    policies: readonly PolicyDocument[],
    keys?: Credentials,
  ) => Credentials
  /** Creates or replaces a role and returns its ARN; sessions already open keep the old rights. */
  readonly addRole: (role: RoleSpec) => string
  /** A managed policy, for PolicyArns; returns its ARN. */
  readonly addPolicy: (name: string, document: PolicyDocument) => string
  /** When set, sessions really end after this time, and their Expiration says so. */
  sessionLifetimeMs: number | undefined
  /** The client ids registered at the OIDC provider. Default `sts.amazonaws.com`. */
  audiences: readonly string[]
}

/** What the server itself needs of IAM. */
export interface IamDirectory extends Iam {
  readonly keys: Map<string, Key>
  readonly roles: ReadonlyMap<string, Role>
  readonly managed: ReadonlyMap<string, Policy>
}

const ACCOUNT = '123456789012'
const EVERYTHING: PolicyDocument = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }

/** An id in AWS's alphabet, for example `AKIA` + 16 characters. */
export const newId = (prefix: string): string =>
  prefix +
  Array.from(randomBytes(16), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(byte & 31)).join(
    '',
  )

/** A fresh secret of 40 characters. */
export const newSecret = (): string => randomBytes(30).toString('base64')

/** An account with nobody in it but the administrator. */
export function createIam(): IamDirectory {
  const keys = new Map<string, Key>()
  const roles = new Map<string, Role>()
  const managed = new Map<string, Policy>()
  const addUser: Iam['addUser'] = (
    name,
    policies,
    credentials = { accessKeyId: newId('AKIA'), secretAccessKey: newSecret() },
  ) => {
    keys.set(credentials.accessKeyId, userKey(name, policies, credentials.secretAccessKey))
    return credentials
  }
  return {
    account: ACCOUNT,
    admin: addUser('admin', [EVERYTHING]),
    addUser,
    addRole: (spec) => {
      const role = newRole(spec)
      roles.set(role.arn, role)
      return role.arn
    },
    addPolicy: (name, document) => {
      const arn = `arn:aws:iam::${ACCOUNT}:policy/${name}`
      managed.set(arn, compilePolicy(document))
      return arn
    },
    sessionLifetimeMs: undefined,
    audiences: ['sts.amazonaws.com'],
    keys,
    roles,
    managed,
  }
}

function userKey(name: string, policies: readonly PolicyDocument[], secretAccessKey: string): Key {
  const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`
  return {
    caller: {
      arn,
      userId: newId('AIDA'),
      principals: [arn, `arn:aws:iam::${ACCOUNT}:root`, ACCOUNT],
      identityPolicies: policies.map(compilePolicy),
      sessionPolicies: [],
      chained: false,
    },
    secretAccessKey,
    sessionToken: undefined,
    expiresAtMs: Number.POSITIVE_INFINITY,
  }
}

function newRole(spec: RoleSpec): Role {
  return {
    name: spec.name,
    arn: `arn:aws:iam::${ACCOUNT}:role/${spec.name}`,
    id: newId('AROA'),
    trust: compilePolicy(spec.trust),
    policies: spec.policies.map(compilePolicy),
    maxSessionSeconds: spec.maxSessionSeconds ?? 3600,
  }
}
