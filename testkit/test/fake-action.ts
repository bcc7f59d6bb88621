import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { runAction, type Step, type StepResult } from '../runner.ts'

const HEAD = `
import { appendFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
const write = (name, text) => appendFileSync(process.env['GITHUB_' + name], text)
const forever = () => setInterval(() => {}, 1000)
`

const MANIFEST = `
inputs:
  source: { required: true }
  dry-run: { default: false }
  with space: { default: two words }
runs: { using: node24, main: main.mjs, post: post.mjs }
`

/** An action on disk; disposing of it removes it. */
export interface FakeAction extends AsyncDisposable {
  readonly actionFile: string
}

/** Writes an action whose scripts have `write(GITHUB_…, text)`, `spawn` and `forever()` at hand. */
export async function fakeAction(main: string, post = ''): Promise<FakeAction> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'fake-action-'))
  const actionFile = path.join(folder, 'action.yml')
  await writeFile(path.join(folder, 'main.mjs'), HEAD + main)
  await writeFile(path.join(folder, 'post.mjs'), HEAD + post)
  await writeFile(actionFile, MANIFEST)
  return { actionFile, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

/** Runs a script as the main step of an action. */
export async function runScript(main: string, step: Partial<Step> = {}): Promise<StepResult> {
  await using action = await fakeAction(main)
  return await runAction({ inputs: {}, actionFile: action.actionFile, ...step })
}
