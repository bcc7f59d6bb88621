import type { JobRequest } from '../model/batch-job.ts'
import { MOST_SHARDS, type ShardRequest } from '../model/shard.ts'
import { anyText, NEVER } from './reader.ts'

/** A setting: what it is where it is not given (undefined: it has to be), what it may be, and how that is said. */
interface Setting {
  readonly usual: string | undefined
  readonly allowed: RegExp
  readonly expects: string
}

/** How copies are handed to S3 Batch Operations. */
const SETTINGS = {
  'batch-role': {
    usual: undefined,
    allowed: /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=.@/-]{1,512}$/,
    expects: 'the ARN of a role, such as arn:aws:iam::123456789012:role/batch',
  },
  'batch-bucket': {
    usual: undefined,
    allowed: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    expects: 'the name of a bucket',
  },
  'batch-prefix': {
    usual: 's3-direct-sync',
    // With the plan ID behind it, the report takes no longer one.
    allowed: /^(?!\/)(?!.*\/\/)[\w!'()./-]{0,400}$/,
    expects: "a key prefix of letters, digits and _-.!'()/",
  },
  'batch-priority': {
    usual: '10',
    allowed: /^(?:\d{1,9}|1\d{9})$/,
    expects: 'a whole number; jobs with a higher number run first',
  },
  'batch-confirm': { usual: 'false', allowed: /^(?:true|false)$/, expects: 'true or false' },
} as const satisfies Readonly<Record<string, Setting>>

type Name = keyof typeof SETTINGS
const NAMES = Object.keys(SETTINGS) as Name[]

/** What says how a plan is cut; undefined: it does not. */
function partsIn(word: string): ShardRequest | undefined {
  if (word === 'auto') return { parts: word }
  const [, first = '', second] = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(word) ?? []
  const [number, of] = [Number(first), Number(second ?? first)]
  if (number < 1 || of > MOST_SHARDS || number > of) return undefined
  return second === undefined ? { parts: number } : { number, of }
}

const EXPECTED = `expected auto, a number of parts from 1 to ${MOST_SHARDS}, or one of them such as 3/8`

const isName = (name: string): name is Name => Object.hasOwn(SETTINGS, name)

/** What is wrong with one `name=value`; undefined: nothing. */
function problemOf(name: string, value: string, given: ReadonlyMap<string, string>) {
  if (!isName(name))
    return `${JSON.stringify(name)} is not one of its settings: expected ${NAMES.join(', ')}`
  if (given.has(name)) return `${name} is set twice`
  return SETTINGS[name].allowed.test(value)
    ? undefined
    : `${name}: expected ${SETTINGS[name].expects}`
}

/** What settings ask for, as far as they are valid. */
function jobOf(given: ReadonlyMap<string, string>): JobRequest {
  const of = (name: Name): string => given.get(name) ?? SETTINGS[name].usual ?? ''
  return {
    roleArn: of('batch-role'),
    bucket: of('batch-bucket'),
    prefix: of('batch-prefix').replace(/\/$/, ''),
    priority: Number(of('batch-priority')),
    confirm: of('batch-confirm') === 'true',
  }
}

/**
 * `auto`, a number of parts, or one part of so many such as 3/8; behind the first two perhaps settings of the hand-off
 * as `name=value`, separated by commas or lines.
 */
export const shardInput = anyText.transform((text, context): ShardRequest => {
  const given = new Map<string, string>()
  const words: string[] = []
  for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
    const [, name, value = ''] = /^([^=]*?)\s*=\s*(.*)$/.exec(item) ?? []
    if (name === undefined) {
      if (item !== '') words.push(item)
      continue
    }
    const problem = problemOf(name, value, given)
    if (problem !== undefined) context.addIssue(problem)
    if (!given.has(name)) given.set(name, value)
  }
  const [word = '', ...more] = words
  const shard = partsIn(word)
  if (!shard) context.addIssue(EXPECTED)
  for (const item of more)
    context.addIssue(`${JSON.stringify(item)} is one value too many: ${EXPECTED}`)
  if (given.size === 0) return shard ?? NEVER
  for (const name of NAMES)
    if (SETTINGS[name].usual === undefined && !given.has(name))
      context.addIssue(`needs ${name}=, ${SETTINGS[name].expects}`)
  if (!shard || 'parts' in shard) return { parts: shard?.parts ?? 'auto', job: jobOf(given) }
  context.addIssue(
    `${[...given.keys()].join(', ')}: has an effect only with a number of parts and mode: plan`,
  )
  return shard
})
