import { z } from 'zod'
import type { JobRequest } from '../model/batch-job.ts'

/** A setting: what it is where it is not given (undefined: it has to be), what it may be, and how that is said. */
interface Setting {
  readonly usual: string | undefined
  readonly allowed: RegExp
  readonly expects: string
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  role: {
    usual: undefined,
    allowed: /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=.@/-]{1,512}$/,
    expects: 'the ARN of a role, such as arn:aws:iam::123456789012:role/batch',
  },
  bucket: {
    usual: undefined,
    allowed: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    expects: 'the name of a bucket',
  },
  prefix: {
    usual: 's3-direct-sync',
    // With the id of the plan behind it, the report takes no longer one.
    allowed: /^(?!\/)(?!.*\/\/)[\w!'()./-]{1,400}$/,
    expects: "the beginning of keys, of letters, digits and _-.!'()/",
  },
  priority: {
    usual: '10',
    allowed: /^(?:\d{1,9}|1\d{9})$/,
    expects: 'a whole number, the higher the earlier',
  },
  confirm: { usual: 'false', allowed: /^(?:true|false)$/, expects: 'true or false' },
}

/** What is wrong with one `name=value`; undefined: nothing. */
function problemOf(name: string, value: string, given: ReadonlySet<string>): string | undefined {
  const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined
  if (!setting)
    return `${JSON.stringify(name)} is no setting of it: expected ${Object.keys(SETTINGS).join(', ')}`
  if (given.has(name)) return `${name} is set twice`
  return setting.allowed.test(value) ? undefined : `${name}: expected ${setting.expects}`
}

/** `name=value`, separated by commas or lines. */
export const batchOperations = z.string().transform((text, context): JobRequest => {
  const given = new Map<string, string>()
  for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
    if (item === '') continue
    const [, name = item, value = ''] = /^([^=]*?)\s*=\s*(.*)$/.exec(item) ?? []
    const problem = problemOf(name, value, new Set(given.keys()))
    if (problem !== undefined) context.addIssue(problem)
    if (!given.has(name)) given.set(name, value)
  }
  for (const [name, { usual, expects }] of Object.entries(SETTINGS))
    if (usual === undefined && !given.has(name)) context.addIssue(`needs ${name}=, ${expects}`)
  const of = (name: string): string => given.get(name) ?? SETTINGS[name]?.usual ?? ''
  return {
    roleArn: of('role'),
    bucket: of('bucket'),
    prefix: of('prefix').replace(/\/$/, ''),
    priority: Number(of('priority')),
    confirm: of('confirm') === 'true',
  }
})
