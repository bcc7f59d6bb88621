import { explain } from '../errors.ts'
import type { Report } from '../model/report.ts'
import type { Log, Ports } from '../ports.ts'
import { annotations } from './annotation.ts'
import { buildReport } from './build.ts'
import { closingLines } from './closing.ts'
import { outputs } from './outputs.ts'
import { reportPaths } from './paths.ts'
import type { RunRecord, Walk } from './record.ts'
import { settleRows } from './settle.ts'
import { summary } from './summary.ts'
import type { OutcomeTotals } from './totals.ts'

/** Closes the rows of a run that began to copy; a failure to do so is the run's failure. */
async function settle(record: RunRecord, { files }: Ports): Promise<OutcomeTotals | undefined> {
  if (!record.request || !record.executing) return undefined
  const paths = reportPaths(files, record.request.tell.reportDir)
  try {
    if (await files.exists(paths.results))
      return await settleRows(files, paths, record.verification)
  } catch (error) {
    record.failure ??= error
  }
  return undefined
}

async function filesOf({ request }: RunRecord, { files }: Ports): Promise<Report['files']> {
  if (!request) return { report: '' }
  const paths = reportPaths(files, request.tell.reportDir)
  const existing = async (path: string): Promise<string | undefined> =>
    (await files.exists(path)) ? path : undefined
  return {
    report: paths.report,
    plan: await existing(paths.plan),
    results: await existing(paths.results),
    failed: await existing(paths.failed),
    batches: await existing(paths.batches),
  }
}

async function writeReport(report: Report, { files }: Ports, log: Log): Promise<void> {
  if (report.files.report === '') return
  try {
    await files.writeText(report.files.report, `${JSON.stringify(report, undefined, 2)}\n`)
  } catch (error) {
    log.line('error', `report.json could not be written: ${explain(error).text}`)
  }
}

/** Tells the result everywhere it is read: report.json, outputs, job summary, annotations and log. */
export async function publish({ record, ports, log }: Walk): Promise<Report> {
  const { host } = ports
  const outcomes = await settle(record, ports)
  const files = await filesOf(record, ports)
  const report = buildReport(record, outcomes, { ports, files })
  await writeReport(report, ports, log)
  for (const [name, value] of Object.entries(outputs(report))) host.output(name, value)
  if (record.request?.tell.jobSummary ?? true) await host.summary(summary(report))
  for (const { level, title, text } of annotations(report)) host.annotate(level, title, text)
  for (const line of closingLines(report)) log.line('info', line)
  return report
}
