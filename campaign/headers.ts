import { type Held, matches, type Request } from './expected.ts'
import type { Random } from './random.ts'
import { TO } from './schedule.ts'

/** A rule of the input `headers`, by what it does and not by the code that is tested. */
interface Rule {
  readonly files: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly metadata?: Readonly<Record<string, string>>
}

/** Each takes a key that is always there, so that none is warned of. */
const RULES: readonly (readonly Rule[])[] = [
  [{ files: ['*.csv', 'last'], headers: { 'cache-control': 'no-cache' } }],
  [
    { files: ['a/**', 'last'], headers: { 'content-language': 'de' }, metadata: { owner: 'rule' } },
    { files: ['*'], headers: { 'cache-control': 'max-age=60', 'content-language': 'en' } },
  ],
  [{ files: ['k=*/**', 'by/', 'last'], metadata: { build: '7' } }],
]

/** As YAML that is JSON as well. */
const textOf = (rules: readonly Rule[]): string =>
  JSON.stringify(
    rules.map(({ files, headers = {}, metadata }) => ({
      ...{ files, ...headers },
      ...(metadata ? { metadata } : {}),
    })),
  )

/** Rules for the direct engine, which alone carries them beside what is kept. */
export const drawHeaders = (random: Random, engine: string): Record<string, string> =>
  engine !== 's5cmd' && random.chance(0.3) ? { headers: textOf(random.pick(RULES)) } : {}

/** Metadata that says by which rules an object was written. */
export const DIGEST = 's3-direct-sync-headers'

/** What rules say of a full key of the destination: of each header the first one that names it. */
function ruled({ headers: text }: Request, to: string): Required<Omit<Rule, 'files'>> {
  const rules = RULES.find((some) => textOf(some) === text) ?? []
  const matching = rules.filter(({ files }) => files.some(matches(to.slice(TO.length))))
  const last = matching.toReversed()
  return {
    headers: Object.assign({}, ...last.map(({ headers }) => headers)),
    metadata: Object.assign({}, ...last.map(({ metadata }) => metadata)),
  }
}

/** A source object as it is written to a key. */
export function asWritten(request: Request, to: string, held: Held | undefined): Held | undefined {
  const { headers, metadata } = ruled(request, to)
  return (
    held && {
      ...held,
      headers: { ...held.headers, ...headers },
      metadata: { ...held.metadata, ...metadata },
    }
  )
}

/** Whether an object that holds the same has other headers than a rule asks for, and no rule wrote it. */
export function hasOtherHeaders(request: Request, to: string, held: Held): boolean {
  if (held.metadata[DIGEST] !== undefined) return false
  const { headers, metadata } = ruled(request, to)
  return (
    Object.entries(headers).some(([name, value]) => held.headers[name] !== value) ||
    Object.entries(metadata).some(([name, value]) => held.metadata[name] !== value)
  )
}
