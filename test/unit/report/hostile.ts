import fc from 'fast-check'
import type { Report } from '../../../src/model/report.ts'
import { advised } from '../../../src/report/advice.ts'
import { PARTIAL } from './sample.ts'

/** Reports and texts that are tried; few where every mutant of the source is tried with them. */
export const HOSTILE_RUNS = { numRuns: Number(process.env['SCHEDULES'] ?? 300) }

const FRAGMENTS = [
  ...['`', '``', '````', '|', '\\', '\\|', ' ', '  ', '\n', '\r\n', '\r', '\t', '\u2028', '\u0085'],
  ...['##[', '##[error]x', '##[set-output name=a]b', '::', '::set-output name=a::b', '::error::x'],
  ...['<img src=x>', '</details>', '<!--', '@someone', '](https://x.example)', 'https://x.example'],
  ...[
    '**',
    '_',
    '#',
    '> ',
    '- ',
    '1. ',
    '[!NOTE]',
    '---',
    '$',
    '$$',
    ':+1:',
    '&lt;',
    '%0A',
    '"',
    "'",
  ],
  ...[
    '(',
    ')',
    '!',
    '😀',
    '\ud83d',
    '\ude00',
    '\u202e',
    'é',
    'word',
    'two words',
    '1,000',
    '…',
    '→',
  ],
  ...['```mermaid', '~~~', 'GH-1', '\0', '\x1b[31m', '\u00a0', '\ufeff'],
]

/** Text that tries to be more than text: Markdown, HTML, and commands of the runner. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary' })), { maxLength: 12 })
  .map((fragments) => fragments.join(''))

type Text = () => string

const engineOf = (text: Text): Report['engine'] =>
  PARTIAL.engine && {
    ...PARTIAL.engine,
    toolchain: {
      path: text(),
      version: text(),
      reported: text(),
      sha256: text(),
      metadataDirective: true,
      origin: 'release',
    },
    toolchainProblem: text(),
  }

const errorOf = (text: Text): Report['errors'][number] => ({
  code: text(),
  objects: 3,
  resolution: text(),
  help: text(),
  message: text(),
  examples: [text(), text()],
})

/** A refusal in AWS's own words, whose names are hostile: what becomes of it is said by this action itself. */
const denialOf = (text: Text): Report['errors'][number] =>
  advised(
    {
      ...errorOf(text),
      message: `User: arn:aws:iam::123456789012:role/${text()} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::dst/${text()}" ${text()}`,
    },
    {},
    'sync',
  )

/** A report whose every text comes from `text`. */
export function reportOf(text: Text, result: Report['result'], idle = false): Report {
  const none = { objects: 0, bytes: 0 }
  const done = idle ? { copied: none, deleted: none, failed: none, unknown: none } : {}
  const place = () => ({
    bucket: text(),
    prefix: text(),
    single: false,
    endpoint: text(),
    region: text(),
  })
  return {
    ...PARTIAL,
    result,
    settings: [{ name: text(), value: text(), origin: 'input' }],
    identity: { account: text(), arn: text(), roleArn: text(), source: 'oidc' },
    source: place(),
    destination: place(),
    totals: { ...PARTIAL.totals, ...done, plannedDeletes: { objects: 9, bytes: 90 } },
    requests: {
      copies: 3000,
      deletes: 1,
      lookUps: 9,
      lookUpLists: 0,
      sourceLists: 12,
      destinationLists: 9,
      rowLooks: { source: 0, destination: 0 },
      typeLooks: 0,
      checksumLooks: { source: 0, destination: 0 },
    },
    reasons: { ...PARTIAL.reasons, [text()]: { objects: 1, bytes: 1 } },
    samples: {
      missing: [{ key: text(), size: 1 }],
      'only-at-destination': [{ key: text(), size: 3 }],
      [text()]: [{ key: text(), size: 0 }],
      'differs-unproven': [{ key: text(), size: 2 }],
    },
    stages: PARTIAL.stages.map((timing) => ({ ...timing, line: text() })),
    engine: engineOf(text),
    errors: [errorOf(text), denialOf(text), denialOf(text)],
    warnings: [text(), text()],
    failure: { kind: 'copy', title: text(), text: text() },
    refused: { kind: 'guard', title: text(), text: text() },
    files: { report: text(), plan: text(), results: text(), failed: text(), batches: text() },
  }
}

/** A report whose every text is hostile. */
export const hostileReport: fc.Arbitrary<Report> = fc
  .tuple(
    fc.array(hostileText, { minLength: 7, maxLength: 7 }),
    fc.constantFrom<Report['result'][]>(
      'success',
      'partial',
      'failed',
      'cancelled',
      'planned',
      'drift',
    ),
    fc.boolean(),
  )
  .map(([texts, result, idle]) => {
    let at = 0
    return reportOf(
      () => {
        at += 1
        return texts[at % texts.length] ?? ''
      },
      result,
      idle,
    )
  })
