import { appendFileSync } from 'node:fs'

const LEAST_MAJOR = 24

/** Why this Node cannot run the action, and what to do; undefined where it can. */
export function nodeProblem(version: string, arch: string): string | undefined {
  if (Number.parseInt(version, 10) >= LEAST_MAJOR) return undefined
  const remedy =
    arch === 'arm'
      ? 'The GitHub runner has no Node 24 for 32-bit ARM: use a runner with a 64-bit system.'
      : 'Update the runner to 2.327.1 or newer; if Node comes from the container image (act, Gitea, Forgejo), use an image with Node 24.'
  return `This action needs Node ${LEAST_MAJOR}, but this runner started it with Node ${version}. ${remedy} Nothing was touched.`
}

/** Into a file of the runner; where that cannot be written, the exit code and the annotation must do. */
function handOn(variable: string, values: Readonly<Record<string, string>>): void {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`)
  try {
    appendFileSync(process.env[variable] ?? '', lines.join(''))
  } catch {
    // As on runners without such files.
  }
}

/**
 * Whether this Node is too old, which is told as any other failure is: else the end would be a SyntaxError or a TypeError
 * that names the action. Imports nothing that an old Node has not got.
 */
export function refuseOldNode(): boolean {
  const { node } = process.versions
  const problem = nodeProblem(node, process.arch)
  if (problem === undefined) return false
  // The post step would only say it once more.
  if (process.env['STATE_started']) return true
  handOn('GITHUB_STATE', { started: 'true' })
  const outputs = { result: 'failed', 'failure-kind': 'preflight', 'failure-message': problem }
  handOn('GITHUB_OUTPUT', outputs)
  console.log(`::error title=Node ${node} is too old for this action::${problem}`)
  process.exitCode = 1
  return true
}
