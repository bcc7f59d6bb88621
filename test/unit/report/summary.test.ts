import fc from 'fast-check'
import { intrusions } from 's3-direct-sync-testkit/markdown.ts'
import { parseCommand } from 's3-direct-sync-testkit/runner-commands.ts'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../../src/model/report.ts'
import { SUMMARY_BYTES, summary } from '../../../src/report/summary.ts'
import { surroundings } from '../../../src/report/surroundings.ts'
import { HOSTILE_RUNS, hostileReport, reportOf } from './hostile.ts'
import { pipesOf, withoutCode } from './reading.ts'
import {
  CANCELLED,
  DRIFT,
  PARTIAL,
  PLANNED,
  PLANNED_REFUSED,
  REFUSED,
  REFUSED_PLAN,
  SUCCESS,
} from './sample.ts'

const bytesOf = (text: string) => Buffer.byteLength(text, 'utf8')

describe('whole summaries', () => {
  test.each([
    ['success', SUCCESS],
    ['partial', PARTIAL],
    ['refused', REFUSED],
    ['planned', PLANNED],
    ['drift', DRIFT],
    ['refused-plan', REFUSED_PLAN],
    ['planned-refused', PLANNED_REFUSED],
  ])('%s', async (name, report) => {
    await expect(summary(report)).toMatchFileSnapshot(`__snapshots__/${name}.md.snap`)
  })

  test.each([SUCCESS, PARTIAL, REFUSED, PLANNED, DRIFT, CANCELLED])(
    'hold nothing that only text from outside can have made: %#',
    (report) => {
      expect(intrusions(summary(report))).toEqual([])
    },
  )
})

describe('what the reader does next', () => {
  test('a dry run wrote nothing', () => {
    const text = summary(PLANNED)
    expect(text).toContain(
      '> [!NOTE]\n> Nothing was written. Run without `dry-run` to apply the plan.',
    )
    expect(text).toContain('| **copy** | Missing at the destination')
    expect(summary({ ...PLANNED, dryRun: false, mode: 'plan' })).toContain('`mode: sync`')
  })

  test('a refusal shows no work', () => {
    const text = summary(REFUSED)
    expect(text).toContain('> [!CAUTION]\n> The source `s3://market-data/ticks/` is empty')
    expect(text).not.toMatch(/Copied|### Reasons|mermaid|Where the time went/)
  })

  test.each([PLANNED_REFUSED, REFUSED_PLAN])(
    'what would be deleted stands open, and before all that is not the cause (%#)',
    (report) => {
      const text = summary(report)
      const at = text.indexOf('### What it would delete (40)')
      expect(at).toBeGreaterThan(text.indexOf('is 10.'))
      expect(at).toBeLessThan(text.indexOf('### What it would') + 1 && text.indexOf('### Reasons'))
      expect(text.slice(0, at)).not.toMatch(/<details>|^### /m)
      expect(text.slice(at)).toMatch(/^.*\n\n- `ticks\/old\/a.csv` 1.5 kB\n/)
      expect(text).toContain('And 36 more in `plan.ndjson`.')
      expect(text).not.toContain('Nothing was copied')
    },
  )

  test('a cancelled run is finished by the next', () => {
    expect(summary(CANCELLED)).toContain('Run again: the next run finishes the rest.')
  })

  test('a run that an error cut short tells the error', () => {
    const failure = { kind: 'credentials', title: 'No usable AWS credentials', text: 'expired' }
    expect(summary({ ...PARTIAL, failure })).toContain(
      '> [!WARNING]\n> **No usable AWS credentials**\n>\n> expired\n>\n> Copied objects',
    )
  })

  test('a failure of the run names the section that explains it; one of objects has its own link', () => {
    const around = surroundings({
      GITHUB_ACTION_REPOSITORY: 'o/s3-direct-sync',
      GITHUB_ACTION_REF: 'v1.2.0',
    })
    const failure = { kind: 'credentials', title: 'No usable AWS credentials', text: 'expired' }
    const link =
      '[docs/troubleshooting.md](https://github.com/o/s3-direct-sync/blob/v1.2.0/docs/troubleshooting.md#'
    expect(summary({ ...REFUSED, failure }, around)).toContain(
      `${link}credentials) has a section for \`credentials\`.`,
    )
    expect(summary(PLANNED_REFUSED, around)).toContain(`${link}guard) has a section for \`guard\`.`)
    expect(summary({ ...PARTIAL, failure }, around)).not.toContain('#credentials')
    expect(summary({ ...REFUSED, failure: { ...failure, kind: ')[x](y' } }, around)).not.toContain(
      'has a section',
    )
    expect(summary(SUCCESS, around)).not.toContain('troubleshooting')
  })

  test('problems stay a list', () => {
    const text = 'Two inputs need a change:\n- source: is required\n- mode: expected sync'
    expect(
      summary({ ...REFUSED, failure: { kind: 'inputs', title: 'Inputs need a change', text } }),
    ).toContain(
      '> Two inputs need a change:\n> - source: is required\n> - mode: expected sync\n>\n> Nothing was copied.',
    )
  })
})

const LEFT_OUT =
  '\n\n_Truncated to the size limit of a job summary: see report.json for the rest._\n\n'

/** Lines outside fenced blocks, each code span gone. */
const proseOf = (text: string): string[] =>
  text
    .replace(/^```mermaid\n[^`]*```$/gm, '')
    .split('\n')
    .map(withoutCode)

/** A report with far too much of everything, all of it the same text. */
function hugeReport(text: string): Report {
  const report = reportOf(() => text, 'partial')
  return {
    ...report,
    errors: Array.from({ length: 500 }, () => ({
      code: text,
      objects: 1,
      resolution: text,
      help: text,
      message: text,
      examples: Array.from({ length: 50 }, () => text),
    })),
    warnings: Array.from({ length: 500 }, () => text),
    settings: Array.from({ length: 5000 }, () => ({ name: text, value: text, origin: 'input' })),
    reasons: Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`${at}${text}`, { objects: 1, bytes: 1 }]),
    ),
    stages: Array.from({ length: 500 }, () => ({ stage: 'plan', seconds: 1, line: text })),
  }
}

describe('whatever the keys, messages and names hold', () => {
  test('a table keeps its columns, nothing is obeyed, and markup is only ours', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        const text = summary(report)
        expect(text.isWellFormed()).toBe(true)
        expect(text).not.toContain('##[')
        let columns = { strict: 0, lax: 0 }
        let before = ''
        for (const line of text.split('\n')) {
          expect(parseCommand(line)).toBeUndefined()
          if (line.startsWith('|') && before === '') columns = pipesOf(line)
          if (line.startsWith('|')) expect(pipesOf(line)).toEqual(columns)
          before = line
        }
        for (const line of proseOf(text)) {
          expect(line.replace(/<\/?(details|summary)>/g, '')).not.toMatch(/[<@`&$]|https?:|\]\(/)
        }
      }),
      HOSTILE_RUNS,
    )
  })

  test.each([
    ['astral keys', '😀'.repeat(256)],
    ['backticks', '`'.repeat(1024)],
    ['pipes after backslashes', '\\|'.repeat(512)],
    ['controls', '\u0001'.repeat(1024)],
    ['words of one emoji', '😀 '.repeat(512)],
    ['lines', '- <\n'.repeat(5000)],
  ])('it fits the runner: %s', (_, text) => {
    expect(bytesOf(summary(hugeReport(text)))).toBeLessThanOrEqual(SUMMARY_BYTES)
  })

  test('what does not fit is left out by its bytes, and it says so', () => {
    const line = '日'.repeat(160)
    const stages: Report['stages'] = Array(2500).fill({ stage: 'plan', seconds: 1, line })
    const text = summary({ ...SUCCESS, stages })
    expect(bytesOf(text)).toBeLessThanOrEqual(SUMMARY_BYTES)
    expect(text.endsWith(LEFT_OUT)).toBe(true)
  })

  test('what is a few bytes too long is left out, too', () => {
    const line = 'x'.repeat(160)
    const of = (stages: number, pathChars: number) =>
      summary({
        ...SUCCESS,
        stages: Array(stages).fill({ stage: 'plan', seconds: 1, line }),
        checks: [{ name: 'clock', status: 'pass', detail: 'p'.repeat(pathChars) }],
      })
    const one = bytesOf(of(1, 50))
    const row = bytesOf(of(2, 50)) - one
    const stages = Math.floor((SUMMARY_BYTES - one) / row) + 1
    const over = 30
    const pathChars = 50 + SUMMARY_BYTES - one - (stages - 1) * row + over
    const text = of(stages, pathChars)
    expect(bytesOf(text)).toBeLessThanOrEqual(SUMMARY_BYTES)
    expect(text.endsWith(LEFT_OUT)).toBe(true)
    expect(bytesOf(of(stages - 1, pathChars))).toBe(SUMMARY_BYTES + over - row)
  })
})
