import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { STAGES } from '../src/model/stages.ts'

const root = resolve(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const under = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))

/** Words that this project once had for what the field has words for: the word that stands there now. */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/\bcrews?\b/i, 'concurrency'],
  [/\bstations?\b/i, 'stage'],
  [/in-the-way/, 'destination-conflict'],
  [/find(s|ing)? no end/i, 'takes too long (catastrophic backtracking)'],
  [/to be had/i, 'could not be installed'],
  [/\btak(e|en|es) back\b/i, 'abort'],
  [/\bnewWalk\b|\bWalk\b/, 'Run'],
]

/** Words of the code alone. */
const RETIRED_IN_CODE: readonly (readonly [RegExp, string])[] = [
  [/\w*Ground\b|\bground\b/, 'input, request, deps or context'],
  [/\bstandOn\b/, 'requireReady'],
  [/\bLooked\b|\bunseen\(|\blookAround\b|\blookAtBoth\b/, 'CheckResult and its words'],
  [/\bJudged\b|\bjudge\(/, 'GuardInput, checkGuards'],
  [/\bHad\b/, 'ToolchainResult'],
  [/\b(go|try)Ways?\b|\bwaysOf\b/, 'sources'],
  [
    /\b(PlanRules|CarryRequest|TellRequest|IdentityRequest|sourceWho)\b/,
    'the words of SyncRequest',
  ],
  [/\b(request|inputs|read)\.(who|what|how|tell)\b/, 'the words of SyncRequest'],
]

/** What users read: the contract, the pages, and all that the code may print. */
const READ_BY_USERS = ['action.yml', 'README.md', ...under('docs', '.md'), ...under('src', '.ts')]
  // Decisions are told in the words of their time.
  .filter((path) => !path.startsWith(join('docs', 'adr')))

describe('the words', () => {
  it('that were retired do not come back', () => {
    const found = READ_BY_USERS.flatMap((path) =>
      RETIRED.flatMap(([word, instead]) => {
        const hit = word.exec(read(path))
        return hit ? [`${path}: ${hit[0]} (write ${instead})`] : []
      }),
    )
    expect(found).toEqual([])
  })

  it('of the code that were retired do not come back', () => {
    const found = under('src', '.ts').flatMap((path) =>
      RETIRED_IN_CODE.flatMap(([word, instead]) => {
        const hit = word.exec(read(path))
        return hit ? [`${path}: ${hit[0]} (write ${instead})`] : []
      }),
    )
    expect(found).toEqual([])
  })

  it('of the stages are the same in the contract, the README and the docs', () => {
    const { outputs } = parse(read('action.yml')) as {
      outputs: Record<string, { description: string }>
    }
    const kinds = outputs['failure-kind']?.description.replaceAll(/[`\n]/g, '') ?? ''
    expect(kinds).toContain(`${STAGES.slice(0, -1).join(', ')} or ${STAGES.at(-1)}`)
    const all = STAGES.join(', ')
    expect(read('README.md')).toContain(`A run has ten stages: ${all}.`)
    expect(read('docs/how-it-works.md')).toContain(`**${all}**`)
    const sections = [...read('docs/troubleshooting.md').matchAll(/^## ([\w-]+)$/gm)].map(
      ([, name]) => name,
    )
    expect(sections).toEqual([
      ...STAGES.filter((name) => STAGES.indexOf(name) < STAGES.indexOf('plan')),
      'guard',
      ...STAGES.filter((name) => STAGES.indexOf(name) >= STAGES.indexOf('plan')),
      ...['drift', 'cancelled', 'internal', 'lock', 'lost-shard'],
    ])
  })
})
