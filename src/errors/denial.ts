/** Which kind of policy a refusal names. */
type PolicyKind =
  | 'identity-based policy'
  | 'resource-based policy'
  | 'service control policy'
  | 'resource control policy'
  | 'session policy'
  | 'VPC endpoint policy'
  | 'permissions boundary'

/** What AWS says where somebody may not do something. */
export interface Denial {
  /** Such as `role Deploy`. */
  readonly access: string
  /** Such as `s3:PutObject`. */
  readonly action: string
  /** ARN; undefined where the service tells none. */
  readonly resource: string | undefined
  /** Which policy decides, where AWS tells it. */
  readonly policy: PolicyKind | undefined
  /** Whether that policy forbids it; else no policy of its kind allows it. */
  readonly explicit: boolean
}

/**
 * What a run asks for. Whoever writes the sentence, and a key in it may be a stranger's, must not have a person be told
 * to allow anything else.
 */
const ACTION =
  's3:(?:(?:Get|Put|Delete)Object\\w*|ListBucket\\w*|AbortMultipartUpload|ListMultipartUploadParts|GetBucket(?:Location|Versioning)|GetEncryptionConfiguration)|kms:(?:Decrypt|Encrypt|DescribeKey|CreateGrant|(?:GenerateDataKey|ReEncrypt)\\w*)'
// A key may hold quotes, and a long message may end within it.
const RESOURCE = '(?:"(.*)"|"?(\\S+))'
const SENTENCE = new RegExp(
  `User: (\\S+) is not authorized to perform: (${ACTION})(?![\\w*])(?: on (?:resource: ${RESOURCE}|the resource associated with this ciphertext))?(.*)`,
  's',
)
/** An object, a bucket or a key; of more than one bucket at once nobody is refused. */
const ARN = /^arn:[\w-]+:(?:kms:[^*\s]+|s3:[\w-]*:\d*:[^*?/\s]+(?:\/.*)?)$/s
const REASON =
  /(explicit deny in an?|because no) ((?:identity-based|resource-based|service control|resource control|session|VPC endpoint) polic|permissions boundar)/i

const KINDS: readonly PolicyKind[] = [
  'identity-based policy',
  'resource-based policy',
  'service control policy',
  'resource control policy',
  'session policy',
  'VPC endpoint policy',
  'permissions boundary',
]

/** The name of who was refused, as people look for it in IAM. */
function nameOf(arn: string): string {
  const [, kind, name] =
    /:(assumed-role|role|user|federated-user)\/(?:[^:]*\/)?([\w+=,.@-]{1,64})$/.exec(
      // The session's name stands behind the role's.
      arn.replace(/(:assumed-role\/[^/]+)\/.*/, '$1'),
    ) ?? ['', '', '']
  if (name) return `${kind === 'assumed-role' ? 'role' : kind} ${name}`
  return arn.endsWith(':root') ? 'the root user of the account' : 'this identity'
}

/** The refusal that a message of AWS tells; undefined where it says only that there is one. */
export function denialIn(message: string): Denial | undefined {
  const [, arn, action, quoted, plain, rest = ''] = SENTENCE.exec(message) ?? []
  if (arn === undefined || action === undefined) return undefined
  const [, form, named] = REASON.exec(rest) ?? []
  const resource = quoted ?? plain ?? ''
  return {
    access: nameOf(arn),
    action,
    resource: ARN.test(resource) ? resource : undefined,
    policy: KINDS.find((kind) => named && kind.toLowerCase().startsWith(named.toLowerCase())),
    explicit: /explicit/i.test(form ?? ''),
  }
}

const isKms = ({ action }: Denial): boolean => action.startsWith('kms:')

/** What two refusals have in common that one change mends; undefined where a message tells of none. */
export function kindOfDenial(message: string): string | undefined {
  const denial = denialIn(message)
  if (denial === undefined) return undefined
  const { access, action, resource = '', policy = '', explicit } = denial
  const place = isKms(denial) ? resource : resource.split('/', 1)[0]
  return `${action} on ${place} to ${access} ${policy} ${explicit}`
}

/** Where a policy is changed that is not the identity's. */
function placeOf(denial: Denial): string {
  const { policy, access } = denial
  switch (policy) {
    case 'resource-based policy':
      return isKms(denial) ? 'the policy of the KMS key' : 'the policy of the bucket'
    case 'session policy':
      return `the session policy of ${access} (inline-session-policy or managed-session-policies)`
    case 'VPC endpoint policy':
      return 'the policy of the VPC endpoint that this runner uses'
    case 'service control policy':
    case 'resource control policy':
      return `the ${policy} of the AWS organization`
    case 'permissions boundary':
      return `the permissions boundary of ${access}`
    case 'identity-based policy':
    case undefined:
      return `the policies of ${access}`
    default:
      return policy satisfies never
  }
}

/** The resource in words; `on`: the ARN of all that is meant, where one object stands for others. */
const resourceIn = (denial: Denial, on: string | undefined): string =>
  on ??
  denial.resource ??
  (isKms(denial) ? 'the KMS key of the object' : 'the bucket and objects of this run')

/** What a person does about a refusal, and why it is one: one sentence. An explicit deny is told of the very resource. */
export function adviceOf(denial: Denial, on?: string): string {
  const { action, policy, explicit, access } = denial
  if (explicit)
    return `Remove the explicit deny of ${action} on ${resourceIn(denial, undefined)} from ${placeOf(denial)}: an explicit deny for ${access} overrides every allow.`
  const what = `Allow ${action} on ${resourceIn(denial, on)} to ${access}`
  // Who owns the policy of a public source is mostly somebody else.
  const or = /^s3:(?:Get|Put)Object(?:Version)?Tagging$/.test(action)
    ? ' Or copy without tags: tags: drop.'
    : ''
  if (policy === undefined) return `${what}: the service denies it.${or}`
  const where = policy === 'identity-based policy' ? '' : ` in ${placeOf(denial)}`
  return `${what}${where}: no ${policy} allows it.${or}`
}

/** A refusal in a few words: `s3:PutObject denied on s3://bucket/prefix/`. */
export function titleOfDenial(denial: Denial, on?: string): string {
  const resource = resourceIn(denial, denial.explicit ? undefined : on)
  const shown = resource.replace(/^arn:[^:]*:s3:::/, 's3://').replace(/\*$/, '')
  return `${denial.action} denied on ${shown}`
}

const TRAILER = /[\s,.]*\bstatus code: \d+, request id: [^,]*(?:, host id:.*)?$/s

/** A message without what only programs read: its own code again, and s5cmd's ids of the request. */
export function bareMessage(code: string, message: string): string {
  const plain = message.replace(TRAILER, '').trim()
  return plain.startsWith(`${code}: `) ? plain.slice(code.length + 2) : plain
}
