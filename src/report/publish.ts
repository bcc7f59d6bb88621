import { serviceFailure } from '../errors/service-failure.ts'
import { explain, SyncError, traceOf } from '../errors/sync-error.ts'
import { lateness } from '../flow/shutdown.ts'
import { amendRows } from '../ledger/amend.ts'
import { addRows } from '../ledger/handed-rows.ts'
import { OutcomeTotals } from '../ledger/totals.ts'
import type { ChangedPaths } from '../model/cdn-paths.ts'
import type { ResultRow } from '../model/outcome.ts'
import type { PublishedRow } from '../model/published.ts'
import type { Report, Told } from '../model/report.ts'
import type { StepRequest } from '../model/request.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, Ports } from '../ports.ts'
import { mergedPolicy } from '../preflight/merged-policy.ts'
import { type Policy, policyFor } from '../preflight/policy.ts'
import { sha256Of, writeNote } from '../run/folder-note.ts'
import { lastStage } from '../run/hold-back.ts'
import type { Run, RunRecord, Step } from '../run/pipeline.ts'
import { reportPaths } from '../run/report-paths.ts'
import { planOf } from '../run/stage-results.ts'
import { annotations } from './annotation.ts'
import { buildReport } from './build.ts'
import { ChangedPathsFile } from './changed-paths.ts'
import { invalidate } from './invalidate.ts'
import { closingLines } from './last-lines.ts'
import { mergeReports, type TransferReport } from './merge.ts'
import { sendMetrics } from './metrics.ts'
import { outputs } from './outputs.ts'
import { handOver, writeReceipt } from './receipt.ts'
import { stepSummary, summary } from './summary.ts'
import { pageUrl, surroundings } from './surroundings.ts'

const hasWritten = ({ entered }: RunRecord): boolean => entered.has('copy') || entered.has('delete')

/** What a run brought about. */
interface Deeds {
  readonly outcomes: OutcomeTotals
  /** What was overwritten or deleted, as a CDN knows it; undefined where that is not known. */
  readonly changed?: ChangedPaths
}

/** Closes the rows of a run that began to copy; a failure to do so is the run's failure. */
async function closeRows({ record, ports: { files, host } }: Run): Promise<Deeds> {
  const { inputs } = record.found
  if (!inputs) return { outcomes: new OutcomeTotals() }
  const paths = reportPaths(files, inputs.reporting.reportDir, inputs.shard)
  const { sums } = record.found
  const own = sums?.replaced ? sums.written : undefined
  const isCopying = hasWritten(record)
  if (!isCopying && own === undefined) return { outcomes: await flawedRows(files, paths.failed) }
  const handed = record.found.parts?.handed.map(({ rows }) => rows) ?? []
  try {
    const hasOwn = isCopying && (await files.exists(paths.results))
    if (hasOwn || handed.length > 0 || own !== undefined) {
      const changes = await ChangedPathsFile.open(files, paths.changed, inputs.reporting.cdn)
      const onChange = (row: ResultRow) => changes.add(row)
      const onReplaced = (key: string) => changes.addKey(key)
      const isLate = lateness(host.cancelledForMs, 'amendedRows')
      try {
        if (own !== undefined) await changes.addKey(own)
        const outcomes = hasOwn
          ? await amendRows(files, paths, {
              proofOf: (wave) => record.proofs.get(wave) ?? 'unproven',
              claimed: record.found.copy?.claims.some(({ count }) => count > 0) ?? true,
              misnamed: record.found.delete?.misnamed,
              isLate,
              sourcePrefix: record.found.preflight?.facts?.source.prefix ?? '',
              onChange,
            })
          : new OutcomeTotals()
        for (const { totals } of handed) outcomes.merge(totals)
        if (handed.length > 0) await addRows(handed, { files, paths, onReplaced, isLate })
        // What there was no time to read may be anything.
        if (isLate()) changes.addAll()
        return { outcomes, changed: changes.paths }
      } finally {
        await changes.close()
      }
    }
  } catch (error) {
    record.failure ??= error
  }
  return { outcomes: new OutcomeTotals() }
}

/** The rows of a manifest that cannot be copied as they say; nothing was written then. */
async function flawedRows(files: Files, path: string): Promise<OutcomeTotals> {
  const totals = new OutcomeTotals()
  if (await files.exists(path))
    for await (const line of files.lines(path)) totals.add(JSON.parse(line) as ResultRow, '')
  return totals
}

/** Whether a line is of an object that the destination does not show under its name. */
const isMisnamed = (line: string, misnamed: ReadonlySet<string>, prefix: string): boolean =>
  misnamed.has(prefix + (JSON.parse(line) as PublishedRow).key)

/** Makes what was gathered of the destination a file of its own, once something was to be written there; else it goes. */
async function closePublished({ record, ports: { files } }: Run): Promise<void> {
  const { published, found, failure } = record
  if (published === undefined || !found.inputs || !(await files.exists(published))) return
  const { published: path } = reportPaths(files, found.inputs.reporting.reportDir)
  const misnamed = found.delete?.misnamed
  try {
    if (failure !== undefined && !hasWritten(record)) await files.removeFile(published)
    else if (!misnamed || misnamed.size === 0) await files.rename(published, path)
    else {
      const prefix = found.preflight?.facts?.destination.prefix ?? ''
      const writer = await files.writer(path)
      for await (const line of files.lines(published))
        if (!isMisnamed(line, misnamed, prefix)) await writer.write(line)
      await writer.close()
      await files.removeFile(published)
    }
  } catch (error) {
    record.failure ??= error
  }
}

async function filesOf({ record, ports: { files } }: Run): Promise<Report['files']> {
  const { inputs } = record.found
  if (!inputs) return { report: '' }
  const paths = reportPaths(files, inputs.reporting.reportDir, inputs.shard)
  const copying = hasWritten(record)
  const existing = async (path: string): Promise<string | undefined> =>
    (await files.exists(path)) ? path : undefined
  return {
    folder: inputs.reporting.reportDir,
    report: paths.report,
    plan: planOf(record.found)?.path,
    results: copying ? await existing(paths.results) : undefined,
    failed: await existing(paths.failed),
    notInSource: await existing(paths.notInSource),
    published: await existing(paths.published),
    sums: record.found.sums && paths.sums,
    batches: copying ? await existing(paths.batches) : undefined,
    // Of a list there is one of each for all.
    policy: inputs.name === undefined ? paths.policy : undefined,
    summary: inputs.name === undefined ? paths.summary : undefined,
    changed: await existing(paths.changed),
  }
}

/** The files of a step with a list of transfers: what is each one's own lies in a folder of its name. */
function stepFiles(
  { reportDir }: StepRequest,
  parts: readonly TransferReport[],
  { files }: Pick<Ports, 'files'>,
): Report['files'] {
  const { report, policy, summary } = reportPaths(files, reportDir)
  const hasPlan = parts.some((part) => part.report.files.plan !== undefined)
  return { folder: reportDir, report, policy, summary, plan: hasPlan ? reportDir : undefined }
}

const json = (value: unknown): string => `${visibleJson(value, 2)}\n`

/** IAM takes no other characters in the text of a policy. */
const ascii = (text: string): string =>
  text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The first line of summary.md: by it the next run knows the file, and a workflow its comment on a pull request. */
const SUMMARY_MARK = '<!-- s3-direct-sync/summary/1 -->'

const policyOfRun = ({ found: { inputs, preflight, credentials } }: RunRecord): Policy[] => {
  if (!inputs) return []
  const account = credentials?.destination.facts.account
  return [policyFor({ request: inputs, facts: preflight?.facts, account })]
}

/** The text of policy.json, one for all transfers; undefined where the inputs were refused. */
function policyOf({ transfers }: Step): string | undefined {
  const [first, ...others] = transfers.flatMap(({ record }) => policyOfRun(record))
  return first && ascii(json(mergedPolicy([first, ...others])))
}

/** What is told, and to whom. */
interface Telling {
  readonly step: Step
  readonly report: Report
  /** Of each transfer, where there is a list of them. */
  readonly parts: readonly TransferReport[]
}

/** Where the result is read. Each is told by itself: one that fails must not silence the others. */
function channels({ step, report, parts }: Telling, unwritten: readonly string[]) {
  const { ports, log } = step.run
  const { host, files } = ports
  const { request } = step
  const asked = request?.transfers[0].reporting.jobSummary
  const wanted = asked ?? !/^false$/i.test(host.input('job-summary'))
  const { policy, summary: summaryPath } = report.files
  const policyText = policyOf(step)
  const around = surroundings(host.env, policyText)
  const text = report.transfers ? stepSummary(report, parts, around) : summary(report, around)
  return {
    'policy.json': async () => {
      if (!request || !policy || policyText === undefined) return
      await writeNote(files, request.reportDir, sha256Of(policyText))
      await files.writeText(policy, policyText)
    },
    'shard-NNN.json': () => writeReceipt(step.run, report),
    'summary.md': async () => {
      if (summaryPath)
        await files.writeText(summaryPath, host.hideMasked(`${SUMMARY_MARK}\n${text}`))
    },
    'the outputs': async () => {
      for (const [name, value] of Object.entries(outputs(report))) host.output(name, value)
    },
    'the job summary': async () => {
      if (wanted) await host.summary(text)
    },
    'the annotations': async () => {
      // What could not be written has a warning, too.
      for (const { level, title, text } of annotations(report, unwritten.length > 0 ? 1 : 0))
        host.annotate(level, title, text)
    },
    'the log': async () => {
      for (const line of closingLines(report)) log.line('info', line)
    },
    'the state for the post step': async () => host.saveState('finished', 'true'),
  }
}

/** Sends the metrics of a step, as one of its transfers can; that they could not be sent is a warning, and never another result. */
async function withMetrics(report: Report, { run, transfers }: Step): Promise<Report> {
  const sender = transfers.find(({ record }) => record.found.preflight?.facts) ?? run
  const problem = await sendMetrics(report, sender)
  return problem === undefined ? report : { ...report, warnings: [...report.warnings, problem] }
}

/** Without secrets that a service sent back, before anything is cut out of its texts; rows were written without them. */
function withoutSecrets(report: Report, { ports: { host } }: Run): Report {
  const masked = JSON.parse(JSON.stringify(report), (_name, value: unknown) =>
    typeof value === 'string' ? host.hideMasked(value) : value,
  ) as Report
  const hidden = ({ kind, title, text }: Told): Told => ({
    kind,
    title: host.hide(title),
    text: host.hide(text),
  })
  const { engine, failure, refused } = masked
  const problem = engine?.toolchainProblem
  return {
    ...masked,
    engine: engine && problem ? { ...engine, toolchainProblem: host.hide(problem) } : engine,
    checks: masked.checks.map((check) => ({ ...check, detail: host.hide(check.detail) })),
    warnings: masked.warnings.map(host.hide),
    failure: failure && hidden(failure),
    refused: refused && hidden(refused),
  }
}

/** With the whole URLs of the pages that it names, where the runner tells them. */
function linked(report: Report, { ports: { host } }: Run): Report {
  const urlOf = (help: string): string => {
    const [path = '', anchor] = help.split('#')
    return pageUrl(host.env, path, anchor) ?? help
  }
  const errors = report.errors.map((group) => ({ ...group, help: urlOf(group.help) }))
  return { ...report, errors }
}

/** Writes report.json. A run whose report cannot be written says so, and names no file. */
async function withFile(report: Report, { ports: { files } }: Run): Promise<Report> {
  const { report: path } = report.files
  if (path === '') return report
  try {
    await files.writeText(path, json(report))
    return report
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const warning = `report.json could not be written: ${why}. The result is in the outputs and the job summary.`
    const warnings = [warning, ...report.warnings]
    return { ...report, files: { ...report.files, report: '' }, warnings }
  }
}

/** What is known of one transfer, and what became of its ops. */
interface Known {
  readonly report: Report
  readonly outcomes: OutcomeTotals
  /** The report as it is once the run has failed in the end. */
  readonly again: () => Report
}

async function knownOf(run: Run): Promise<Known> {
  const { record, ports, log } = run
  const { outcomes, changed } = await closeRows(run)
  const { folder } = record.found.parts ?? {}
  if (folder !== undefined) await ports.files.remove(folder).catch(() => {})
  await closePublished(run)
  const invalidated = changed && (await invalidate(changed, run))
  if (record.failure !== undefined) log.line('debug', traceOf(record.failure))
  const files = await filesOf(run)
  const again = () => buildReport(record, outcomes, { ports, files, invalidated, lock: run.lock })
  return { report: again(), outcomes, again }
}

/** The report of a run that is no list; of a shard with what it left for the last job, where that is to lie in a bucket. */
async function ofOne(run: Run): Promise<Report> {
  const { report, again } = await knownOf(run)
  try {
    await handOver(run, linked(withoutSecrets(report, run), run))
    return report
  } catch (error) {
    const { record, log } = run
    // Who has not left it has not done its part, whatever was copied; what failed before is told first.
    if (record.failure !== undefined) log.line('error', explain(error, 'report').text)
    record.failure ??= error
    return again()
  }
}

/** What the transfers of a list come to, each with a report file of its own. */
async function mergedOf(step: Step, request: StepRequest): Promise<Omit<Telling, 'step'>> {
  const { run, transfers } = step
  const { record, ports } = run
  const all = new OutcomeTotals()
  const parts: TransferReport[] = []
  for (const one of transfers) {
    const { report, outcomes } = await knownOf(one)
    all.merge(outcomes)
    const told = linked(withoutSecrets(report, one), one)
    const { files, warnings } = await withFile(told, one)
    // One annotation is for the step's own file, which is in the folder above.
    if (warnings.length > told.warnings.length) one.log.line('error', warnings[0] ?? '')
    parts.push({ name: one.record.found.inputs?.name ?? '', report: { ...told, files } })
  }
  const [first, ...others] = parts
  if (!first) throw new SyncError('internal', 'Internal error: there is no transfer.')
  const { failure, startedMs, stages } = record
  const report = mergeReports([first, ...others], {
    startedMs,
    durationSeconds: (ports.clock.now() - startedMs) / 1000,
    stages,
    failure: failure === undefined ? undefined : explain(failure, lastStage(record)),
    outcomes: all,
    failOn: request.transfers[0].reporting.failOn,
    files: stepFiles(request, parts, ports),
  })
  return { report, parts }
}

/** Tells the result of a step everywhere it is read: report.json, outputs, job summary, annotations and log. */
export async function publish(step: Step): Promise<Report> {
  const { run, request } = step
  const { log, ports } = run
  const isList = request?.transfers[0].name !== undefined
  const made = isList ? await mergedOf(step, request) : { report: await ofOne(run), parts: [] }
  const told = linked(withoutSecrets(await withMetrics(made.report, step), run), run)
  const report = await withFile(told, run)
  const unwritten: string[] = []
  const telling = { step, report, parts: made.parts }
  for (const [name, tell] of Object.entries(channels(telling, unwritten)))
    await tell().catch((error: unknown) => {
      const why = `Could not write ${name}: ${serviceFailure(error).message}`
      log.line('error', why)
      // What annotations cannot tell needs none.
      if (name !== 'the annotations') unwritten.push(why)
    })
  if (unwritten.length > 0)
    ports.host.annotate('warning', 'Part of the result is missing', unwritten.join('\n'))
  return report
}
