import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { parse, stringify } from 'yaml'
import { PART_SETS, venvProgram } from './parts.ts'

const root = path.dirname(import.meta.dirname)
const own = path.join(import.meta.dirname, 'act')

/** Actions that stand for those of the marketplace: the script that plays each, and the inputs that it takes. */
const STAND_INS: Readonly<
  Record<string, { readonly script: string; readonly inputs: readonly string[] }>
> = {
  'actions/upload-artifact': {
    script: 'upload-artifact.mjs',
    inputs: ['name', 'path', 'retention-days', 'overwrite', 'if-no-files-found'],
  },
  'actions/download-artifact': {
    script: 'download-artifact.mjs',
    inputs: ['name', 'path', 'pattern', 'merge-multiple'],
  },
  'aws-actions/configure-aws-credentials': {
    script: 'configure-aws-credentials.mjs',
    inputs: ['role-to-assume', 'aws-region', 'role-duration-seconds'],
  },
  'actions/attest': {
    script: 'attest.mjs',
    inputs: ['subject-path', 'subject-digest', 'subject-name', 'subject-checksums'],
  },
}
/** What act plays by itself. */
const OF_ACT = ['actions/checkout']

/** How a workflow is started. */
export interface WorkflowStart {
  /** Absolute path of the workflow's file. */
  readonly file: string
  /** Such as `workflow_dispatch`. */
  readonly event: string
  /** The payload of the event. */
  readonly payload?: unknown
  /** What all steps find in their environment. */
  readonly env: Readonly<Record<string, string>>
  /** Files of the workspace: contents by path. */
  readonly workspace?: Readonly<Record<string, string>>
  /** Only its jobs that failed are run again, and those that need them, as "Re-run failed jobs" does. */
  readonly rerunOf?: WorkflowRun
  /** What `gh release download` brings: contents by name. */
  readonly release?: Readonly<Record<string, string>>
}

/** A job that failed. */
interface FailedJob {
  readonly id: string
  readonly matrix: Readonly<Record<string, unknown>>
}

/** How a workflow ended. */
export interface WorkflowRun extends AsyncDisposable {
  /** `success`, `failure` or `skipped`, by the id of the job. */
  readonly jobs: Readonly<Record<string, string>>
  /** The jobs that failed, with what told them from others of their matrix. */
  readonly failed: readonly FailedJob[]
  /** Outputs that steps set, by `job / step id`. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly log: string
  /** From 1. */
  readonly attempt: number
  /** The folder that holds a folder for each artifact of this attempt. */
  readonly artifacts: string
  /** How `gh` was called: its arguments, and what the file of `--body-file` held. */
  readonly gh: readonly { readonly args: readonly string[]; readonly body: string }[]
  /** What was attested. */
  readonly attested: readonly { readonly name: string; readonly digest: string }[]
}

interface Line {
  readonly jobID?: string
  readonly jobResult?: string
  readonly matrix?: Readonly<Record<string, unknown>> | null
  readonly stepID?: readonly string[]
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly msg?: string
}

/** Writes an action of one script. */
async function writeAction(
  folder: string,
  script: string,
  inputs: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await cp(path.join(own, script), path.join(folder, script))
  const described = Object.fromEntries(inputs.map((name) => [name, { description: name }]))
  const action = {
    name: script,
    description: script,
    inputs: described,
    runs: { using: 'node24', main: script },
  }
  await writeFile(path.join(folder, 'action.yml'), JSON.stringify(action))
}

/** A workflow with those of the workspace that it calls. */
const withCalled = (workflow: string, { workspace = {} }: WorkflowStart): string =>
  [
    workflow,
    ...Object.entries(workspace).flatMap(([name, text]) =>
      workflow.includes(`uses: ./${name}`) ? [text] : [],
    ),
  ].join('\n')

/** `--local-repository` for every action that a workflow uses. Throws for one that nobody plays. */
async function localActions(workflow: string, folder: string): Promise<readonly string[]> {
  const used = new Set(
    [...workflow.matchAll(/^\s*(?:- )?uses: ([^\s#]+)/gm)].map(([, name = '']) => name),
  )
  const options: string[] = []
  for (const use of used) {
    const [repository = '', ref = ''] = use.split('@')
    const target = path.join(folder, repository.replaceAll('/', '-'))
    const standIn = STAND_INS[repository]
    if (repository.endsWith('/s3-direct-sync')) {
      await mkdir(target, { recursive: true })
      await cp(path.join(root, 'action.yml'), path.join(target, 'action.yml'))
      await cp(path.join(root, 'dist'), path.join(target, 'dist'), { recursive: true })
    } else if (standIn) await writeAction(target, standIn.script, standIn.inputs)
    else if (OF_ACT.includes(repository) || repository.startsWith('./')) continue
    else
      throw new Error(
        `${use}: nobody plays this action; testkit/act.ts names those that are played`,
      )
    options.push('--local-repository', `${repository}@${ref}=${target}`)
  }
  return options
}

/** A `gh` that writes down how it is called, and downloads some files as those of any release. */
async function writeGh(folder: string, release: WorkflowStart['release'] = {}): Promise<string> {
  const calls = path.join(folder, 'gh.ndjson')
  await mkdir(path.join(folder, 'bin'), { recursive: true })
  const file = path.join(folder, 'bin', 'gh')
  await writeFile(
    file,
    `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const args = process.argv.slice(2)
// act itself asks whether somebody is logged in.
if (args[0] === 'auth') process.exit(1)
const at = args.indexOf('--body-file')
const body = at < 0 ? '' : readFileSync(args[at + 1], 'utf8')
appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ args, body }) + '\\n')
if (args[0] === 'release' && args[1] === 'download') {
  const folder = args[args.indexOf('--dir') + 1]
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(${JSON.stringify(release)}))
    writeFileSync(folder + '/' + name, content)
}
`,
  )
  await chmod(file, 0o755)
  return calls
}

/** An `aws` that stands for the AWS CLI, and a `sleep` that does not wait. */
async function writeAws(folder: string): Promise<void> {
  const programs = {
    aws: `exec '${process.execPath}' '${path.join(own, 'aws.ts')}' "$@"`,
    sleep: 'exit 0',
  }
  for (const [name, line] of Object.entries(programs))
    await writeFile(path.join(folder, 'bin', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 })
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

/** The folders of one run. */
interface Folders {
  readonly root: string
  readonly home: string
  readonly workspace: string
  readonly artifacts: string
  /** Artifacts of the attempts before: they stay beside those of the same name. */
  readonly before: string
}

async function makeFolders(): Promise<Folders> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'act-'))
  const inside = (name: string): string => path.join(folder, name)
  const folders = {
    root: folder,
    home: inside('home'),
    workspace: inside('workspace'),
    artifacts: inside('artifacts'),
    before: inside('before'),
  }
  for (const one of Object.values(folders)) await mkdir(one, { recursive: true })
  return folders
}

/** What act prints, as text: its lines of JSON, and what it complains of. */
async function act(
  args: readonly string[],
  { root: folder, home, workspace }: Folders,
): Promise<{ readonly output: string; readonly errors: string }> {
  const programs = [path.join(folder, 'bin'), path.dirname(process.execPath), process.env['PATH']]
  const child = spawn(venvProgram(PART_SETS.test, 'act'), args, {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOME: home,
      XDG_CACHE_HOME: path.join(home, 'cache'),
      PATH: programs.join(path.delimiter),
    },
  })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { output, errors }
}

/** What became of the jobs, and the outputs of their steps. */
function told(
  lines: readonly Line[],
  workflow: string,
): Pick<WorkflowRun, 'jobs' | 'outputs' | 'failed'> {
  const failed: FailedJob[] = []
  const { jobs: known } = parse(workflow) as { readonly jobs: object }
  const jobs = Object.fromEntries(Object.keys(known).map((id) => [id, 'skipped']))
  const outputs: Record<string, Record<string, string>> = {}
  for (const { jobID = '', jobResult, stepID, matrix, ...line } of lines) {
    // One that fails is the result of its matrix.
    if (jobResult !== undefined && jobs[jobID] !== 'failure') jobs[jobID] = jobResult
    if (jobResult === 'failure') failed.push({ id: jobID, matrix: matrix ?? {} })
    if (line.command === 'set-output' && line.name !== undefined) {
      const name = `${jobID} / ${stepID?.at(-1)}`
      outputs[name] = { ...outputs[name], [line.name]: line.arg ?? '' }
    }
  }
  return { jobs, outputs, failed }
}

interface Job {
  readonly outputs?: Readonly<Record<string, string>>
}

/** A job that only tells again what its steps told. */
const keptJob = ({ outputs = {} }: Job, id: string, before: WorkflowRun): object => ({
  'runs-on': 'ubuntu-latest',
  outputs,
  steps: [
    { run: 'true' },
    ...Object.entries(before.outputs).flatMap(([name, values]) => {
      const [of, step] = name.split(' / ')
      const given = Object.entries(values).filter(([, value]) => !value.includes('\n'))
      const env = Object.fromEntries(given.map(([, value], at) => [`OUTPUT_${at}`, value]))
      const run = given
        .map(([output], at) => `echo "${output}=$OUTPUT_${at}" >> "$GITHUB_OUTPUT"`)
        .join('\n')
      return of === id && given.length > 0 ? [{ id: step, env, run }] : []
    }),
  ],
})

/** A workflow as it is run again, and which jobs of its matrices: those that ended well keep what they told. */
function rerun(
  workflow: string,
  before: WorkflowRun,
): { readonly workflow: string; readonly options: readonly string[] } {
  const parsed = parse(workflow) as { jobs: Record<string, Job> }
  for (const [id, job] of Object.entries(parsed.jobs))
    if (before.jobs[id] === 'success') parsed.jobs[id] = keptJob(job, id, before)
  const options = before.failed.flatMap(({ matrix }) =>
    Object.entries(matrix).flatMap(([name, value]) => ['--matrix', `${name}:${value}`]),
  )
  return { workflow: stringify(parsed), options }
}

/** The file of a workflow, with the options of act that it is run with. */
async function asStarted(
  { file, rerunOf }: WorkflowStart,
  { root: folder, before }: Folders,
): Promise<{ readonly file: string; readonly options: readonly string[] }> {
  if (!rerunOf) return { file, options: [] }
  await cp(rerunOf.artifacts, before, { recursive: true })
  const again = rerun(await readFile(file, 'utf8'), rerunOf)
  const own = path.join(folder, path.basename(file))
  await writeFile(own, again.workflow)
  return { file: own, options: again.options }
}

/** Runs a workflow by act on this machine, without docker: its steps are processes here. */
export async function runWorkflow(start: WorkflowStart): Promise<WorkflowRun> {
  const folders = await makeFolders()
  const { root: folder, workspace, artifacts, before } = folders
  const attempt = (start.rerunOf?.attempt ?? 0) + 1
  for (const [name, contents] of Object.entries(start.workspace ?? {})) {
    await mkdir(path.dirname(path.join(workspace, name)), { recursive: true })
    await writeFile(path.join(workspace, name), contents)
  }
  const { file, options } = await asStarted(start, folders)
  const workflow = await readFile(file, 'utf8')
  const eventFile = path.join(folder, 'event.json')
  await writeFile(eventFile, JSON.stringify(start.payload ?? {}))
  const calls = await writeGh(folder, start.release)
  await writeAws(folder)
  const attested = path.join(folder, 'attested.ndjson')
  const env = {
    GITHUB_REPOSITORY: 'o/r',
    ...start.env,
    GITHUB_RUN_ATTEMPT: String(attempt),
    ARTIFACTS: artifacts,
    ARTIFACTS_BEFORE: before,
    ATTESTED: attested,
  }
  const { output, errors } = await act(
    [
      ...[start.event, '--json', '--workflows', file, '--eventpath', eventFile],
      ...['--platform', 'ubuntu-latest=-self-hosted', '--directory', workspace],
      ...['--rm', '--pull=false', '--no-cache-server'],
      ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...options,
      ...(await localActions(withCalled(workflow, start), path.join(folder, 'actions'))),
    ],
    folders,
  )
  const lines = linesOf(output).map((line): Line => JSON.parse(line))
  const { jobs, outputs, failed } = told(lines, workflow)
  const rowsOf = async (file: string) =>
    linesOf(await readFile(file, 'utf8').catch(() => '')).map((line) => JSON.parse(line))
  return {
    jobs,
    outputs,
    failed,
    log: `${lines.map(({ msg }) => msg).join('\n')}\n${errors}`,
    attempt,
    artifacts,
    gh: await rowsOf(calls),
    attested: await rowsOf(attested),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}
