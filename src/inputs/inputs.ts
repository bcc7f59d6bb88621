import { SyncError } from '../errors/sync-error.ts'
import { unaskedLevel } from '../model/log-level.ts'
import type { Origin, Setting, SyncRequest } from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import type { Files, Host } from '../ports.ts'
import type { Preset } from './config.ts'
import { readHeaders } from './header-input.ts'
import { toLocalPaths } from './local-paths.ts'
import { readPreset } from './presets.ts'
import { requestOf } from './request.ts'
import { crossProblems, type Problem } from './rules.ts'
import {
  DEFAULTS,
  INPUT_NAMES,
  INPUTS,
  type InputName,
  type InputValues,
  SECRETS,
} from './schema.ts'
import { decideServices, withPlaces } from './services.ts'
import { unreadable, withoutSecrets } from './shown.ts'
import { unknownNames } from './unknown-names.ts'
import { withheld } from './withheld.ts'

interface Given {
  readonly text: string
  readonly origin: Origin
  /** Where it was found, for values that are not in the workflow file. */
  readonly where?: string
}

function find(name: InputName, host: Host, preset: Preset): Given | undefined {
  const input = host.input(name)
  if (input !== '') return { text: input, origin: 'input' }
  const value = preset.get(name)
  if (value) return { ...value, origin: 'preset' }
  const text = name === 'log-level' ? unaskedLevel(host.env) : DEFAULTS[name]
  return text === undefined ? undefined : { text, origin: 'default' }
}

function parse(name: InputName, given: Given | undefined): { value?: unknown; problem?: Problem } {
  if (given === undefined) {
    const required = name === 'source' || name === 'destination'
    return required
      ? { problem: { input: name, text: 'is required, as in s3://my-bucket/data/' } }
      : {}
  }
  const parsed = INPUTS[name].schema.safeParse(given.text)
  if (parsed.success) return { value: parsed.data }
  const text = unreadable(shown(name, given.text), given.where, parsed.error.issues)
  return { problem: { input: name, text } }
}

const shown = (name: InputName, text: string): string =>
  SECRETS.has(name) ? '(hidden)' : withoutSecrets(text)

const settingOf = (name: InputName, { text, origin }: Given): Setting => ({
  name,
  value: shown(name, text),
  origin,
})

/** In the order of the inputs; what is no input comes last. */
function inOrder(settings: readonly Setting[]): readonly Setting[] {
  const names: readonly string[] = INPUT_NAMES
  const place = ({ name }: Setting) => (names.includes(name) ? names.indexOf(name) : names.length)
  return settings.toSorted((one, other) => place(one) - place(other))
}

/** More of them are no help to anybody. */
const MOST_PROBLEMS = 20

function refuse(
  problems: readonly { readonly input: string; readonly text: string }[],
  why: string | undefined,
): never {
  const told = problems.slice(0, MOST_PROBLEMS).map(({ input, text }) => `- ${input}: ${text}`)
  const more = problems.length - told.length
  const list = [...told, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
  const [first, ...others] = problems
  const also = others.length === 0 ? '' : ` (and ${humanObjects(others.length, 'more input')})`
  const counted = problems.length === 1 ? 'One input needs' : `${problems.length} inputs need`
  throw new SyncError('inputs', `${counted} a change; nothing was touched:\n${list}`, {
    title: first && `${first.input}: ${first.text.split('\n', 1)[0]}${also}`,
    hint: why,
  })
}

/**
 * The request as the inputs, the preset, the environment, the AWS files and the defaults make it, in this order.
 * Throws one SyncError of kind `inputs` that lists every problem. Hides secrets first of all.
 */
export async function readRequest(
  host: Host,
  files: Pick<Files, 'join' | 'readText' | 'awsConfig'>,
): Promise<SyncRequest> {
  for (const name of SECRETS) if (host.input(name) !== '') host.mask(host.input(name))
  const values: Partial<Record<InputName, unknown>> = {}
  const settings: Setting[] = []
  const { preset, problems: found } = await readPreset(host, files)
  const unread: Problem[] = []
  for (const name of INPUT_NAMES) {
    const given = find(name, host, preset)
    if (given) settings.push(settingOf(name, given))
    const { value, problem } = parse(name, given)
    values[name] = value
    if (problem) unread.push(problem)
  }
  const {
    values: given,
    reportDir,
    problems: ofPaths,
  } = toLocalPaths(values as InputValues, {
    env: host.env,
    files,
  })
  const headers = await readHeaders(find('headers', host, preset), host.env, files)
  const { services, ...decided } = decideServices(given, host.env, await files.awsConfig())
  const read = withPlaces(given, services)
  // What is wrong with one place says nothing of both.
  const lost = decided.problems.length > 0 ? ['endpoint-url'] : []
  const cross = crossProblems(read, new Set([...unread.map(({ input }) => input), ...lost]))
  const unknown = unknownNames(host.env)
  const problems = [
    ...unknown.mistyped,
    ...found,
    ...unread,
    ...ofPaths,
    ...headers.problems,
    ...decided.problems,
    ...cross,
  ]
  if (problems.length > 0) refuse(problems, await withheld(host.env, files))
  const all = inOrder([...settings, ...decided.settings])
  return Object.freeze(
    requestOf(read, {
      files,
      reportDir,
      settings: all,
      unknownInputs: unknown.others,
      services,
      rules: headers.rules,
    }),
  )
}
