import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** One job on one runner: its folders, which steps share. Disposing of it removes them. */
export interface Job {
  readonly home: string
  /** The working directory of every step. */
  readonly workspace: string
  readonly runnerTemp: string
  readonly toolCache: string
  /** RUNNER_TRACKING_ID, which all processes of the job carry. */
  readonly trackingId: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Opens a job with empty folders in the system's temporary folder. */
export async function openJob(): Promise<Job> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'runner-'))
  const [home, workspace, runnerTemp, toolCache] = ['home', 'workspace', 'temp', 'tools'].map(
    (name) => path.join(root, name),
  ) as [string, string, string, string]
  for (const folder of [home, workspace, runnerTemp, toolCache]) await mkdir(folder)
  return {
    home,
    workspace,
    runnerTemp,
    toolCache,
    trackingId: `github_${randomUUID()}`,
    // What a killed process leaves half written may still appear while its folder is removed.
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  }
}

const SYSTEMS: Readonly<Record<string, string>> = {
  darwin: 'macOS',
  linux: 'Linux',
  win32: 'Windows',
}

/** The variables that the runner gives to every step of a job. */
export function jobEnvironment(job: Job): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: job.home,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__o_s3-direct-sync',
    GITHUB_JOB: 'sync',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1000000001',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_WORKFLOW: 'Sync',
    GITHUB_WORKSPACE: job.workspace,
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_OS: SYSTEMS[process.platform] ?? process.platform,
    RUNNER_TEMP: job.runnerTemp,
    RUNNER_TOOL_CACHE: job.toolCache,
    RUNNER_TRACKING_ID: job.trackingId,
  }
}
