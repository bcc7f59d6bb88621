import { cut } from '../model/cut.ts'
import type { Report } from '../model/report.ts'
import { safe, visibleJson } from '../model/safe.ts'
import { perSecond } from '../model/units.ts'
import { causeOf } from './cause.ts'

/** Outputs of the action that have a value now. */
export type OutputName =
  | 'result'
  | 'planned-copies'
  | 'planned-deletes'
  | 'copied'
  | 'deleted'
  | 'skipped'
  | 'failed'
  | 'unknown'
  | 'bytes-planned'
  | 'bytes-copied'
  | 'duration-seconds'
  | 'objects-per-second'
  | 'bytes-per-second'
  | 'engine'
  | 's5cmd-version'
  | 's5cmd-path'
  | 'source-region'
  | 'destination-region'
  | 'aws-account-id'
  | 'assumed-role-arn'
  | 'report-dir'
  | 'plan-path'
  | 'plan-id'
  | 'shards'
  | 'shard-count'
  | 'report-path'
  | 'failed-path'
  | 'not-in-source-path'
  | 'lock-epoch'
  | 'manifest-rows'
  | 'published-path'
  | 'sha256sums-path'
  | 'batch-dir'
  | 'policy-path'
  | 'summary-path'
  | 'changed-paths-path'
  | 'cloudfront-invalidations'
  | 'failure-kind'
  | 'failure-message'
  | 'transfers'

// A job's outputs share 1 MB, and a matrix has many steps.
const VALUE_CHARS = 4000

const whole = (value: number): string => String(Math.round(value))
const tenths = (value: number): string => value.toFixed(1)

function numbers({ totals, durationSeconds, copySeconds }: Report) {
  const { planned, plannedDeletes, copied, deleted, skipped, failed, unknown } = totals
  return {
    'planned-copies': whole(planned.objects),
    'planned-deletes': whole(plannedDeletes.objects),
    copied: whole(copied.objects),
    deleted: whole(deleted.objects),
    skipped: whole(skipped.objects),
    failed: whole(failed.objects),
    unknown: whole(unknown.objects),
    'bytes-planned': whole(planned.bytes),
    'bytes-copied': whole(copied.bytes),
    'duration-seconds': tenths(durationSeconds),
    'objects-per-second': tenths(perSecond(copied.objects, copySeconds)),
    'bytes-per-second': whole(perSecond(copied.bytes, copySeconds)),
  }
}

/** Lines as sentences in a row; what is indented is to be copied as it is. */
const oneLine = (text: string): string =>
  text
    .split(/[\r\n]+/)
    .map((line, at, all) =>
      at < all.length - 1 && /^(?!\s).*[\p{L}\p{N})"'`]$/u.test(line) ? `${line}.` : line,
    )
    .join(' ')

function texts(report: Report) {
  const { engine, identity, files } = report
  const cause = causeOf(report)
  return {
    result: report.result,
    engine: engine?.used.join(','),
    's5cmd-version': engine?.toolchain?.version,
    's5cmd-path': engine?.toolchain?.path,
    'source-region': report.source?.region,
    'destination-region': report.destination?.region,
    'aws-account-id': identity?.account,
    'assumed-role-arn': identity?.roleArn && (identity.arn ?? identity.roleArn),
    'report-dir': files.folder,
    'plan-path': files.plan,
    'plan-id': report.parts?.planId,
    // Numbers alone: the runner drops an output that holds what it masks, and a matrix without jobs looks well.
    shards: report.parts && `[${Array.from({ length: report.parts.count }, (_, at) => at + 1)}]`,
    'shard-count': report.parts && whole(report.parts.count),
    'report-path': files.report,
    'failed-path': files.failed,
    'not-in-source-path': files.notInSource,
    'published-path': files.published,
    'sha256sums-path': files.sums,
    'lock-epoch': report.lock && whole(report.lock.epoch),
    'manifest-rows': report.manifest && whole(report.manifest.rows),
    'batch-dir': files.batches,
    'policy-path': files.policy,
    'summary-path': files.summary,
    'changed-paths-path': files.changed,
    'cloudfront-invalidations': report.invalidations?.map(({ id }) => id).join(','),
    'failure-kind': cause?.kind,
    'failure-message': cause && oneLine(cause.text),
  }
}

/** Of at most 50, each with its paths: a job's outputs have room for them. */
const transfersOf = ({ transfers }: Report): string =>
  transfers === undefined
    ? ''
    : visibleJson(
        transfers.map(({ name, result, totals, cause, report, plan, failed }) => ({
          name,
          result,
          'planned-copies': totals.planned.objects,
          'planned-deletes': totals.plannedDeletes.objects,
          copied: totals.copied.objects,
          deleted: totals.deleted.objects,
          skipped: totals.skipped.objects,
          failed: totals.failed.objects,
          unknown: totals.unknown.objects,
          'bytes-copied': totals.copied.bytes,
          'report-path': report ?? '',
          'plan-path': plan ?? '',
          'failed-path': failed ?? '',
          'failure-message': cause ?? '',
        })),
      )

/**
 * Every output by name. Counts are integers, seconds and objects per second have one decimal, rates
 * are of the execute stage's time; what is absent is ''. A value is one line and no command.
 */
export function outputs(report: Report): Record<OutputName, string> {
  const entries = Object.entries({ ...numbers(report), ...texts(report) })
  const values = entries.map(([name, value]) => [name, cut(safe(value ?? ''), VALUE_CHARS)])
  return Object.fromEntries([...values, ['transfers', transfersOf(report)]]) as Record<
    OutputName,
    string
  >
}
