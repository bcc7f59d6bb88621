import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { type OtherMachine, offWine, onWine } from './machines.ts'
import { mergeInputs, readManifest } from './runner-action.ts'
import type { Command } from './runner-commands.ts'
import { type LogReader, logReader } from './runner-commands.ts'
import { type FileResults, makeFileCommands, readFileCommands } from './runner-files.ts'
import { type Job, jobEnvironment, openJob } from './runner-job.ts'
import { type FirstSignal, type ProcessEnd, startProcess } from './runner-process.ts'
import { touched, worldOf } from './untouched.ts'

const ACTION_FILE = path.join(path.dirname(import.meta.dirname), 'action.yml')

/** One use of the action in a workflow. */
export interface Step {
  readonly inputs: Readonly<Record<string, string>>
  /** `env:` of the step and what a job's permissions add; wins over the runner's own variables. */
  readonly env?: Readonly<Record<string, string>>
  /** The action's metadata file; the repository's own when not given. */
  readonly actionFile?: string
  /** Script to run instead of the one that the action file names. */
  readonly bundle?: string
  /** The machine it runs on; that of the tests when not given. */
  readonly machine?: OtherMachine | undefined
  /** The job the step belongs to, for steps that share folders; a job of its own when not given. */
  readonly job?: Job
  /** When the job is cancelled: after so many milliseconds, or when the log so far fits. */
  readonly signalAfter?: number | ((log: string) => boolean)
  /** Ends the step with a signal of another hand than the runner's, when the promise is kept. */
  readonly endedBy?: Promise<FirstSignal>
  /** The step's `timeout-minutes`, in milliseconds, after which it is cancelled. */
  readonly timeoutMs?: number
}

/** An error, warning or notice as the job's page shows it. */
export interface Annotation {
  readonly title: string
  readonly message: string
}

/** What a step did, as the runner sees it. */
export interface StepResult extends ProcessEnd {
  readonly conclusion: 'success' | 'failure' | 'cancelled'
  /** Whether `timeoutMs` was over before the step. */
  readonly timedOut: boolean
  readonly outputs: FileResults['outputs']
  readonly state: FileResults['state']
  readonly exportedEnv: FileResults['exportedEnv']
  readonly addedPaths: FileResults['addedPaths']
  /** The job summary, masked; '' when it is over the runner's limit. */
  readonly summary: string
  /** stdout and stderr in the order they came, as people see them: masked, commands carried out. */
  readonly log: string
  /** Its lines as they were printed, with nothing masked. */
  readonly stdout: string
  readonly stderr: string
  readonly commands: readonly Command[]
  readonly masks: readonly string[]
  /** At most ten of each kind, as the runner keeps them. */
  readonly annotations: {
    readonly errors: readonly Annotation[]
    readonly warnings: readonly Annotation[]
    readonly notices: readonly Annotation[]
  }
  /** Why the runner fails the step whatever its exit code: files and commands it cannot read or refuses. */
  readonly commandProblems: readonly string[]
  readonly job: Job
  /** Where the step says that its files are; the folder of all such folders where it does not say so. */
  readonly reportDir: string
  /** The step itself, for its post step. */
  readonly step: Step
  /** Removes the job's folders, unless the step was given its job. */
  cleanup(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A step made ready to start. */
interface Launch {
  readonly step: Step
  readonly job: Job
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  readonly unexpectedInputs: readonly string[]
}

/** A step that has ended, not yet judged. */
interface Run {
  readonly end: ProcessEnd
  readonly reader: LogReader
  readonly log: string
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

async function execute({ step, job, script, env }: Launch): Promise<Run> {
  const { signalAfter, timeoutMs = 60_000 } = step
  const reader = logReader()
  const text = { log: '', stdout: '', stderr: '' }
  let timedOut = false
  const child = startProcess({
    script,
    machine: step.machine,
    cwd: job.workspace,
    env,
    onLine: (stream, line) => {
      text[stream] += `${line}\n`
      const shown = reader.read(line)
      if (shown === undefined) return
      text.log += `${shown}\n`
      if (typeof signalAfter === 'function' && signalAfter(text.log)) child.cancel()
    },
  })
  const timers = [
    setTimeout(() => {
      timedOut = true
      child.cancel()
    }, timeoutMs),
  ]
  if (typeof signalAfter === 'number') timers.push(setTimeout(child.cancel, signalAfter))
  void step.endedBy?.then(child.cancel)
  try {
    return { end: await child.end, reader, ...text, timedOut }
  } finally {
    timers.forEach(clearTimeout)
  }
}

const MAX_ANNOTATIONS = 10
const MAX_ANNOTATION_CHARS = 4096

function annotations(reader: LogReader, name: string, more: readonly string[] = []): Annotation[] {
  const printed = reader.commands.filter((command) => command.name === name)
  const all = [
    ...more.map((message) => ({ title: '', message })),
    ...printed.map(({ properties, data }) => ({ title: properties['title'] ?? '', message: data })),
  ]
  return all.slice(0, MAX_ANNOTATIONS).map(({ title, message }) => ({
    title: reader.masked(title),
    message: reader.masked(message).slice(0, MAX_ANNOTATION_CHARS),
  }))
}

function namedValues(reader: LogReader, command: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { name, properties, data } of reader.commands) {
    if (name === command && properties['name']) values[properties['name']] = data
  }
  return values
}

function unexpectedInputWarning(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`Unexpected input(s) '${names.join("', '")}'`]
}

function result(launch: Launch, run: Run, files: FileResults): StepResult {
  const { step, job } = launch
  const { end, reader, ...text } = run
  const { problems: fileProblems, summaryTooLong, ...written } = files
  const commandProblems = [...reader.problems, ...fileProblems]
  const failed = end.exitCode !== 0 || commandProblems.length > 0
  const outputs = { ...namedValues(reader, 'set-output'), ...files.outputs }
  const cleanup = async (): Promise<void> => {
    if (!step.job) await job[Symbol.asyncDispose]()
  }
  return {
    ...end,
    ...text,
    ...written,
    conclusion: end.exitedWithinMs !== undefined ? 'cancelled' : failed ? 'failure' : 'success',
    outputs,
    state: { ...namedValues(reader, 'save-state'), ...files.state },
    summary: reader.masked(files.summary),
    commands: reader.commands,
    masks: reader.masks,
    annotations: {
      errors: annotations(reader, 'error', [
        ...commandProblems,
        ...(summaryTooLong ? ['$GITHUB_STEP_SUMMARY upload aborted, it is over 1024k'] : []),
      ]),
      warnings: annotations(reader, 'warning', unexpectedInputWarning(launch.unexpectedInputs)),
      notices: annotations(reader, 'notice'),
    },
    commandProblems,
    job,
    reportDir: offWine(outputs['report-dir'] ?? '') || path.join(job.runnerTemp, 's3-direct-sync'),
    step,
    cleanup,
    [Symbol.asyncDispose]: cleanup,
  }
}

interface Stage {
  readonly name: 'main' | 'post'
  /** What the steps before left behind for this one. */
  readonly env: Readonly<Record<string, string>>
}

async function runStage(step: Step, job: Job, { name, env }: Stage): Promise<StepResult> {
  const manifest = await readManifest(step.actionFile ?? ACTION_FILE)
  const script = step.bundle ?? manifest[name]
  if (!script) throw new Error(`The action has no ${name} step`)
  const inputs = mergeInputs(step.inputs, manifest)
  const folder = path.join(job.runnerTemp, '_runner_file_commands', randomUUID())
  const files = await makeFileCommands(folder)
  const fileNames = Object.entries(files).map(([kind, file]) => [`GITHUB_${kind}`, file] as const)
  const runnerEnv = environmentOn(step.machine, {
    ...jobEnvironment(job),
    ...Object.fromEntries(fileNames),
  })
  const launch: Launch = {
    step,
    job,
    script,
    env: { ...runnerEnv, ...inputs.env, ...env, ...step.env },
    unexpectedInputs: inputs.unexpected,
  }
  const own = ownFolders(step, job)
  const before = await worldOf(job, own)
  const run = await execute(launch)
  const paths = touched(before, await worldOf(job, own))
  if (paths.length > 0)
    throw new Error(`The step touched what is not its own: ${paths.join(', ')}\n${run.log}`)
  const reader = step.machine && { isWindows: step.machine.isWindows === true }
  return result(launch, run, await readFileCommands(files, reader))
}

/** The variables of the runner, as it gives them on another machine. */
function environmentOn(
  machine: OtherMachine | undefined,
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (!machine?.isWindows) return { ...env, ...machine?.env }
  // Windows has a PATH and a home of its own.
  const { PATH: _path, HOME: _home, ...rest } = env
  const named = Object.entries(rest).map(([name, value]) => [
    name,
    path.isAbsolute(value) ? onWine(value) : value,
  ])
  return { ...Object.fromEntries(named), ...machine.env }
}

/** Where a step may write, beside RUNNER_TEMP and the tool cache. */
function ownFolders({ inputs }: Step, { home, workspace }: Job): readonly string[] {
  const given = inputs['report-dir']
  if (!given) return []
  const folder = given.startsWith('~/') ? path.join(home, given.slice(2)) : given
  return [path.resolve(workspace, folder)]
}

/** Runs the action as the runner runs a step: its inputs, files, commands, signals and limits. */
export async function runAction(step: Step): Promise<StepResult> {
  const job = step.job ?? (await openJob())
  return await runStage(step, job, { name: 'main', env: {} })
}

/** Runs the post step of a step that has ended, in the same job, with the state it saved. */
export async function runPost(
  { step, job, state, exportedEnv, addedPaths }: StepResult,
  ending: Pick<Step, 'signalAfter' | 'endedBy' | 'timeoutMs'> = {},
): Promise<StepResult> {
  const { signalAfter: _onlyMain, endedBy: _alsoOnlyMain, ...rest } = step
  const saved = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value] as const)
  const PATH = [...addedPaths.toReversed(), process.env['PATH']].join(path.delimiter)
  const env = { ...exportedEnv, PATH, ...Object.fromEntries(saved) }
  return await runStage({ ...rest, ...ending, job }, job, { name: 'post', env })
}
