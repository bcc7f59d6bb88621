// Runs the built action on this machine, to try inputs before they are pushed:
// `npm run sync -- --source s3://a/x/ --destination s3://b/x/ --dry-run`. Every input is a flag of its name, a list is
// the flag several times. Credentials are what the AWS SDK finds, or `--aws-profile`. It ends with the action's exit code.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { INPUTS } from '../src/inputs/schema.ts'
import { isOneSlipFrom } from '../src/model/one-slip.ts'

const action = path.join(path.dirname(import.meta.dirname), 'dist', 'index.js')
const folder = path.resolve('.sync')
const HELP = 'Every input of docs/inputs.md is a flag of the same name; docs/laptop.md says more.'
const USAGE = 'npm run sync -- --source s3://a/x/ --destination s3://b/x/ --dry-run'

/** A flag, with the input that was probably meant. */
function withGuess(flag: string): string {
  const meant = Object.keys(INPUTS).find((name) => isOneSlipFrom(flag.slice('--'.length), name))
  return meant === undefined ? flag : `${flag} (did you mean --${meant}?)`
}

/** The inputs by name: `--name value`, `--name=value`, and `--name` alone for `true`. Ends the process where one is none. */
function inputsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>()
  const wrong: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    const [, name, given] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
    const next = args[at + 1]
    const alone = next === undefined || next.startsWith('--')
    const value = given ?? (alone ? 'true' : next)
    if (name !== undefined && given === undefined && !alone) at++
    if (name === undefined || !Object.hasOwn(INPUTS, name)) {
      wrong.push(arg)
      continue
    }
    const before = inputs.get(name)
    inputs.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  if (wrong.length === 0 && inputs.size > 0) return inputs
  if (wrong.some((arg) => /^(--help|-h)$/.test(arg))) {
    console.log(`${HELP}\n\n  ${USAGE}`)
    process.exit(0)
  }
  const why =
    wrong.length === 0 ? 'Inputs are missing' : `Not an input: ${wrong.map(withGuess).join(', ')}`
  console.error(`${why}. ${HELP} For example: ${USAGE}`)
  process.exit(1)
}

const plain = (text: string): string =>
  text.replaceAll('%0D', '').replaceAll('%0A', '\n').replaceAll('%25', '%')

/** What a person would see of a line: commands to the runner become text, or nothing where only it heeds them. */
function shown(line: string): string | undefined {
  const [, command, title, data = ''] =
    /^::([a-z-]+)(?: title=([^,:]*)[^:]*)?::(.*)$/.exec(line) ?? []
  if (command === undefined) return line
  if (command === 'group') return plain(data)
  if (command !== 'error' && command !== 'warning') return undefined
  const head = plain((title ?? '').replaceAll('%3A', ':').replaceAll('%2C', ','))
  const text = plain(data)
  const isSaid = text.startsWith(head.replace(/…$/, ''))
  return `\n${command.toUpperCase()} ${isSaid ? '' : `${head}\n`}${text}\n`
}

const inputs = inputsOf(process.argv.slice(2))
const temp = path.join(folder, 'temp')
const cache = path.join(os.homedir(), '.cache', 's3-direct-sync')
// The plan of the run before is what these two are for.
const kept = ['execute', 'finish'].includes(inputs.get('mode') ?? '') ? 'report' : undefined
mkdirSync(folder, { recursive: true })
for (const name of readdirSync(folder))
  if (name !== kept) rmSync(path.join(folder, name), { recursive: true, force: true })
for (const one of [temp, cache]) mkdirSync(one, { recursive: true })
const env: NodeJS.ProcessEnv = {
  ...process.env,
  'INPUT_REPORT-DIR': path.join(folder, 'report'),
  RUNNER_TEMP: temp,
  RUNNER_TOOL_CACHE: cache,
}
for (const [name, file] of [
  ['GITHUB_OUTPUT', 'outputs.txt'],
  ['GITHUB_STATE', 'state.txt'],
  ['GITHUB_STEP_SUMMARY', 'summary.md'],
] as const) {
  env[name] = path.join(folder, file)
  writeFileSync(path.join(folder, file), '')
}
for (const [name, value] of inputs) env[`INPUT_${name.toUpperCase()}`] = value

const child = spawn(process.execPath, [action], { env, stdio: ['ignore', 'pipe', 'inherit'] })
// Ctrl-C reaches the action by itself; this waits for what it still has to say.
process.on('SIGINT', () => undefined)
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
for await (const line of createInterface({ input: child.stdout })) {
  const text = shown(line)
  if (text !== undefined) console.log(text)
}
console.log(`Job summary and outputs: ${path.relative('.', folder)}`)
