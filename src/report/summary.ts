import type { Report } from '../model/report.ts'
import { checks } from './checks.ts'
import { headline } from './headline.ts'
import { lasting } from './lasting.ts'
import type { TransferReport } from './merge.ts'
import { deletes, plan } from './plan.ts'
import { policy } from './policy.ts'
import { runFacts } from './run-facts.ts'
import * as sections from './sections.ts'
import { shards } from './shards.ts'
import { NOWHERE, type Surroundings } from './surroundings.ts'
import { transferDeletes, transferDetails, transferTable } from './transfers.ts'
import { waiting } from './waiting.ts'
import { waves } from './waves.ts'

/** The runner shows nothing of a summary above 1,048,576 bytes; the rest is room for its masks. */
export const SUMMARY_BYTES = 1_000_000

const LEFT_OUT = '_Truncated to the size limit of a job summary: see report.json for the rest._'

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8') + 2

/** Sections in their order while they fit; the first is bounded by its own parts. */
function whileTheyFit(parts: readonly string[]): string {
  const shown: string[] = []
  let room = SUMMARY_BYTES - bytesOf(LEFT_OUT)
  for (const part of parts) {
    room -= bytesOf(part)
    if (room < 0) return [...shown, LEFT_OUT, ''].join('\n\n')
    shown.push(part)
  }
  return `${shown.join('\n\n')}\n`
}

/**
 * The job summary, GitHub-flavoured Markdown of at most `SUMMARY_BYTES`: verdict first, then what
 * became of the objects, then how. Text from outside is shown in code spans only.
 */
export const summary = (report: Report, around: Surroundings = NOWHERE): string =>
  whileTheyFit(
    [
      headline(report),
      sections.readOn(report, around),
      policy(report, around),
      deletes(report),
      sections.objects(report),
      waves(report),
      shards(report),
      sections.errors(report, around),
      plan(report),
      waiting(report),
      sections.reasons(report),
      lasting(report),
      sections.warnings(report),
      sections.timings(report),
      runFacts(report),
      checks(report),
      sections.folders(report),
      sections.slowest(report),
      sections.settings(report),
      sections.files(report),
    ].filter((part) => part !== ''),
  )

/** The job summary of a step with a list of transfers: what they come to, a table of them, and each of them folded. */
export const stepSummary = (
  report: Report,
  parts: readonly TransferReport[],
  around: Surroundings = NOWHERE,
): string =>
  whileTheyFit(
    [
      headline(report),
      sections.readOn(report, around),
      transferTable(report),
      policy(report, around),
      ...transferDeletes(parts),
      sections.errors(report, around),
      sections.warnings(report),
      sections.timings(report),
      sections.settings(report),
      sections.files(report),
      ...transferDetails(parts, around),
    ].filter((part) => part !== ''),
  )
