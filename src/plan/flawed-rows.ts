import type { SyncError } from '../errors/sync-error.ts'
import { cut } from '../model/cut.ts'
import { toText } from '../model/key.ts'
import type { ResultRow } from '../model/outcome.ts'
import type { Place } from '../model/place.ts'
import { visibleJson } from '../model/safe.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import type { LineWriter } from '../ports.ts'
import type { TargetRow } from './manifest-rows.ts'
import type { PartRules } from './part.ts'
import { refusal } from './refusal.ts'

/** Why a row cannot be copied. */
type Flaw = 'NotInSource' | 'ChangedSinceManifest' | 'AccessDenied' | 'NotImplemented'

interface FlawedRow {
  readonly row: TargetRow
  readonly code: string
  readonly message: string
}

const MOST_NAMED = 10

/** In the order in which they are told. */
const TOLD: readonly (readonly [Flaw, one: string, several: string])[] = [
  ['NotInSource', 'is not in the source', 'are not in the source'],
  ['ChangedSinceManifest', 'differs from the manifest', 'differ from the manifest'],
  ['AccessDenied', 'cannot be read (access denied)', 'cannot be read (access denied)'],
  [
    'NotImplemented',
    'cannot be looked up by its version_id',
    'cannot be looked up by their version_id',
  ],
]

const HINTS: Readonly<Record<Flaw, string>> = {
  NotInSource:
    'Check source and the manifest, whose keys are relative to source; if objects may be missing, set `manifest-missing: skip`.',
  ChangedSinceManifest: 'Create the manifest again from the current source.',
  AccessDenied:
    'Allow s3:GetObject on these objects, and s3:ListBucket on the bucket: without it S3 returns AccessDenied for a missing object too. With source-no-sign-request, only public objects can be read.',
  NotImplemented: 'Remove version_id: this service does not support versions.',
}

/** Rows that cannot be copied: all of them go to a file, the first are named. */
export class FlawedRows {
  readonly #source: Place
  readonly #destination: Place
  readonly #writer: LineWriter
  readonly #counts = new Map<string, number>()
  readonly #named: string[] = []

  constructor({ source, destination }: PartRules, writer: LineWriter) {
    this.#source = source
    this.#destination = destination
    this.#writer = writer
  }

  add({ row, code, message }: FlawedRow): Promise<void> | undefined {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1)
    const key = this.#source.prefix + toText(row.origin)
    if (this.#named.length < MOST_NAMED)
      this.#named.push(`- line ${row.line}: ${cut(JSON.stringify(key), 200)}: ${message}`)
    return this.#writer.write(visibleJson(this.#rowOf({ row, code, message }, key)))
  }

  #rowOf({ row, code, message }: FlawedRow, key: string): ResultRow {
    return {
      op: 'copy',
      key,
      to: this.#destination.prefix + toText(row.key),
      size: row.size ?? 0,
      status: code === 'AccessDenied' ? 'unknown' : 'failed',
      engine: 'direct',
      attempts: 0,
      code,
      message: `line ${row.line} of the manifest: ${message}`,
    }
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  /** undefined where there are none. */
  refusal(name: string, rows: number): SyncError | undefined {
    const met = TOLD.filter(([code]) => this.#counts.has(code))
    const [worst] = met
    if (!worst) return undefined
    const of = ([code, one, several]: (typeof TOLD)[number]): string => {
      const objects = this.#counts.get(code) ?? 0
      return `${humanObjects(objects, 'row')} ${objects === 1 ? one : several}`
    }
    const all = met.map(of).join(', ')
    const count = [...this.#counts.values()].reduce((sum, some) => sum + some, 0)
    const more = count - this.#named.length
    const list = [
      ...this.#named,
      ...(more > 0 ? [`- and ${humanCount(more)} more, all of them in failed.ndjson`] : []),
    ]
    return refusal(
      `Manifest: ${all}`,
      `Of ${humanObjects(rows, 'row')} of the manifest ${name}, ${all}:\n${list.join('\n')}`,
      met.map(([code]) => HINTS[code]).join(' '),
    )
  }
}
