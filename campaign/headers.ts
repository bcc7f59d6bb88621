import type { Random } from './random.ts'

/** A rule of the input `headers`, by what it does and not by the code that is tested. */
export interface Rule {
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

/** The rules that a text stands for. */
export const rulesIn = (text: string | undefined): readonly Rule[] =>
  RULES.find((some) => textOf(some) === text) ?? []
