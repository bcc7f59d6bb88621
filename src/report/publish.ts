import { serviceFailure } from '../errors/service-failure.ts'
import { traceOf } from '../errors/sync-error.ts'
import { lateness } from '../flow/shutdown.ts'
import { amendRows } from '../ledger/amend.ts'
import { OutcomeTotals } from '../ledger/totals.ts'
import type { Report, Told } from '../model/report.ts'
import { visibleJson } from '../model/safe.ts'
import { policyFor } from '../preflight/policy.ts'
import { sha256Of, writeNote } from '../run/folder-note.ts'
import type { Run, RunRecord } from '../run/pipeline.ts'
import { reportPaths } from '../run/report-paths.ts'
import { planOf } from '../run/stage-results.ts'
import { annotations } from './annotation.ts'
import { buildReport } from './build.ts'
import { closingLines } from './last-lines.ts'
import { sendMetrics } from './metrics.ts'
import { outputs } from './outputs.ts'
import { summary } from './summary.ts'
import { pageUrl, surroundings } from './surroundings.ts'

const hasWritten = ({ entered }: RunRecord): boolean => entered.has('copy') || entered.has('delete')

/** Closes the rows of a run that began to copy; a failure to do so is the run's failure. */
async function closeRows({ record, ports: { files, host } }: Run): Promise<OutcomeTotals> {
  const { inputs } = record.found
  if (!inputs || !hasWritten(record)) return new OutcomeTotals()
  const paths = reportPaths(files, inputs.reporting.reportDir)
  try {
    if (await files.exists(paths.results))
      return await amendRows(files, paths, {
        proofOf: (wave) => record.proofs.get(wave) ?? 'unproven',
        claimed: record.found.copy?.claims.some(({ count }) => count > 0) ?? true,
        misnamed: record.found.delete?.misnamed,
        isLate: lateness(host.cancelledForMs, 'amendedRows'),
        sourcePrefix: record.found.preflight?.facts?.source.prefix ?? '',
      })
  } catch (error) {
    record.failure ??= error
  }
  return new OutcomeTotals()
}

async function filesOf({ record, ports: { files } }: Run): Promise<Report['files']> {
  const { inputs } = record.found
  if (!inputs) return { report: '' }
  const paths = reportPaths(files, inputs.reporting.reportDir)
  const copying = hasWritten(record)
  const existing = async (path: string): Promise<string | undefined> =>
    (await files.exists(path)) ? path : undefined
  return {
    folder: inputs.reporting.reportDir,
    report: paths.report,
    plan: planOf(record.found)?.path,
    results: copying ? await existing(paths.results) : undefined,
    failed: copying ? await existing(paths.failed) : undefined,
    batches: copying ? await existing(paths.batches) : undefined,
    policy: paths.policy,
    summary: paths.summary,
  }
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

/** The text of policy.json; undefined where the inputs were refused. */
function policyOf({ found: { inputs, preflight, credentials } }: RunRecord): string | undefined {
  if (!inputs) return undefined
  const account = credentials?.destination.facts.account
  return ascii(json(policyFor({ request: inputs, facts: preflight?.facts, account })))
}

/** Where the result is read. Each is told by itself: one that fails must not silence the others. */
function channels(report: Report, { record, ports, log }: Run) {
  const { host, files } = ports
  const { inputs: request } = record.found
  const wanted = request?.reporting.jobSummary ?? !/^false$/i.test(host.input('job-summary'))
  const { policy, summary: summaryPath } = report.files
  const policyText = policyOf(record)
  const text = summary(report, surroundings(host.env, policyText))
  return {
    'policy.json': async () => {
      if (!request || !policy || policyText === undefined) return
      await writeNote(files, request.reporting.reportDir, sha256Of(policyText))
      await files.writeText(policy, policyText)
    },
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
      for (const { level, title, text } of annotations(report)) host.annotate(level, title, text)
    },
    'the log': async () => {
      for (const line of closingLines(report)) log.line('info', line)
    },
    'the state for the post step': async () => host.saveState('finished', 'true'),
  }
}

/** Sends the run's metrics; that they could not be sent is a warning, and never another result. */
async function withMetrics(report: Report, run: Run): Promise<Report> {
  const problem = await sendMetrics(report, run)
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
    const warning = `report.json could not be written: ${why}. The result stands in the outputs and the job summary.`
    const warnings = [warning, ...report.warnings]
    return { ...report, files: { ...report.files, report: '' }, warnings }
  }
}

/** Tells the result everywhere it is read: report.json, outputs, job summary, annotations and log. */
export async function publish(run: Run): Promise<Report> {
  const { record, ports, log } = run
  const outcomes = await closeRows(run)
  const made = buildReport(record, outcomes, { ports, files: await filesOf(run) })
  const told = linked(withoutSecrets(await withMetrics(made, run), run), run)
  const report = await withFile(told, run)
  if (record.failure !== undefined) log.line('debug', traceOf(record.failure))
  const unwritten: string[] = []
  for (const [name, tell] of Object.entries(channels(report, run)))
    await tell().catch((error: unknown) => {
      const why = `Could not write ${name}: ${serviceFailure(error).message}`
      log.line('error', why)
      // What annotations cannot tell needs none.
      if (name !== 'the annotations') unwritten.push(why)
    })
  if (unwritten.length > 0)
    ports.host.annotate('warning', 'A part of the result is missing', unwritten.join('\n'))
  return report
}
