import { SyncError } from '../errors/sync-error.ts'
import type { HeaderRule } from '../model/header-rules.ts'
import { unaskedLevel } from '../model/log-level.ts'
import type { Origin, Setting, StepRequest, SyncRequest } from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import type { AwsConfig, Files, Host } from '../ports.ts'
import type { Preset } from './config.ts'
import { readHeaders } from './header-input.ts'
import { reportDirOf, toLocalPaths } from './local-paths.ts'
import { idleEndpoints } from './local-rules.ts'
import { overlaps, type PlacedTransfer } from './overlaps.ts'
import { readPreset } from './presets.ts'
import type { Problem } from './problem.ts'
import { requestOf } from './request.ts'
import { crossProblems } from './rules.ts'
import {
  DEFAULTS,
  INPUT_NAMES,
  INPUTS,
  type InputName,
  type InputValues,
  SECRETS,
} from './schema.ts'
import { decideServices, type Services, withPlaces } from './services.ts'
import { unreadable, withoutSecrets } from './shown.ts'
import type { TransferEntry, TransferList } from './transfers.ts'
import { unknownNames } from './unknown-names.ts'
import { withheld } from './withheld.ts'
import { readOnce } from './workspace-file.ts'

interface Given {
  readonly text: string
  readonly origin: Origin
  /** Where it was found, for values that are not in the workflow file. */
  readonly where?: string
}

/** What is looked at for a value, the nearest first. */
interface Sources {
  /** undefined: the step is one transfer, and has no list. */
  readonly entry: TransferEntry | undefined
  readonly host: Host
  readonly preset: Preset
}

function find(name: InputName, { entry, host, preset }: Sources): Given | undefined {
  const own = entry?.values.get(name)
  if (own) return { ...own, origin: 'transfer' }
  const input = host.input(name)
  if (input !== '') return { text: input, origin: 'input' }
  const value = preset.get(name)
  if (value) return { ...value, origin: 'preset' }
  const text = name === 'log-level' ? unaskedLevel(host.env) : DEFAULTS[name]
  return text === undefined ? undefined : { text, origin: 'default' }
}

/** What has to be given; a manifest may name the source. */
const isRequired = (name: InputName, sources: Sources): boolean =>
  name === 'destination' || (name === 'source' && find('manifest', sources) === undefined)

/** A list that an earlier step failed to name is '' as one that nobody wants: who says what becomes of its rows wants one. */
const lostManifest = (sources: Sources): readonly Problem[] =>
  find('manifest-missing', sources)?.origin === 'default' || find('manifest', sources)
    ? []
    : [
        {
          input: 'manifest',
          text: 'is empty, but manifest-missing is set: without a manifest everything under source would be copied; check the step that provides the file name',
        },
      ]

function parse(
  name: InputName,
  given: Given | undefined,
  sources: Sources,
): { value?: unknown; problem?: Problem } {
  if (given === undefined) {
    const required = isRequired(name, sources)
    const text = 'is required, as in s3://my-bucket/data/'
    const orFolder = name === 'source' ? ', or ./dist for a local folder' : ''
    return required ? { problem: { input: name, text: text + orFolder } } : {}
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

/** What is wrong with an input, as it is told. */
interface Told {
  readonly input: string
  readonly text: string
}

function refuse(problems: readonly Told[], why: string | undefined): never {
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

/** One transfer as it was read, and what is wrong with it. */
interface ReadTransfer {
  readonly entry: TransferEntry | undefined
  readonly values: InputValues
  readonly services: Services
  readonly rules: readonly HeaderRule[] | undefined
  readonly settings: readonly Setting[]
  /** Inputs that could not be read, and places that are not certain. */
  readonly lost: ReadonlySet<string>
  readonly problems: readonly Told[]
}

async function readTransfer(
  sources: Sources,
  files: Pick<Files, 'join' | 'readText' | 'realPath'>,
  awsConfig: AwsConfig,
): Promise<ReadTransfer> {
  const { entry, host } = sources
  const values: Partial<Record<InputName, unknown>> = {}
  const settings: Setting[] = []
  const unread: Problem[] = []
  for (const name of INPUT_NAMES) {
    if (name === 'transfers') continue
    const given = find(name, sources)
    if (given) settings.push(settingOf(name, given))
    const { value, problem } = parse(name, given, sources)
    values[name] = value
    if (problem) unread.push(problem)
  }
  const { values: given, problems: ofPaths } = toLocalPaths(values as InputValues, {
    env: host.env,
    files,
  })
  const headers = await readHeaders(find('headers', sources), host.env, files)
  const { services, ...decided } = decideServices(given, host.env, awsConfig)
  const read = withPlaces(given, services)
  // What is wrong with one place says nothing of both.
  const places = decided.problems.length > 0 ? ['endpoint-url'] : []
  const lost = new Set([...unread.map(({ input }) => input), ...places])
  return {
    entry,
    values: read,
    services,
    rules: headers.rules,
    settings: inOrder([...settings, ...decided.settings]),
    lost,
    problems: [
      ...unread,
      ...ofPaths,
      ...headers.problems,
      ...decided.problems,
      ...idleEndpoints(given),
      ...crossProblems(read, lost),
      ...lostManifest(sources),
    ],
  }
}

const isSame = (one: Told, other: Told): boolean =>
  one.input === other.input && one.text === other.text

/** Whether an entry of the list can say anything of it. */
const isOfEntries = (input: string): boolean =>
  Object.hasOwn(INPUTS, input) && INPUTS[input as InputName].transfer === 'yes'

/** What is wrong with the transfers: with what is the step's own once, the rest by the name of its transfer. */
function problemsOf(reads: readonly ReadTransfer[], host: Host): readonly Told[] {
  const isOfStep = (problem: Told): boolean =>
    (!isOfEntries(problem.input) || host.input(problem.input) !== '') &&
    reads.every(({ problems }) => problems.some((other) => isSame(problem, other)))
  return reads.flatMap(({ entry, problems }, at) =>
    problems.flatMap(({ input, text }) => {
      if (!entry) return [{ input, text }]
      if (isOfStep({ input, text })) return at === 0 ? [{ input, text }] : []
      return [{ input: `${input} of ${entry.name} (transfers, line ${entry.line})`, text }]
    }),
  )
}

/** The list of transfers; undefined where none is given. Hides secrets in it first of all. */
async function transferList(host: Host): Promise<TransferList | undefined> {
  const text = host.input('transfers')
  if (text === '') return undefined
  // Only who has such a list needs the YAML reader.
  const { readTransferList } = await import('./transfers.ts')
  const list = readTransferList(text)
  for (const { values } of list.entries)
    for (const name of SECRETS) {
      const secret = values.get(name)?.text
      if (secret !== undefined) host.mask(secret)
    }
  return list
}

/** What the list itself is to blame for, and what cannot stand beside it. */
function problemsOfList(list: TransferList | undefined, host: Host): readonly Told[] {
  if (!list) return []
  const { entries, problems } = list
  const beside: Told[] = []
  if (host.input('destination') !== '')
    beside.push({
      input: 'destination',
      text: 'cannot be used together with transfers: remove it here, each transfer has its own',
    })
  const isIdle = entries.length > 0 && entries.every(({ values }) => values.has('source'))
  if (isIdle && host.input('source') !== '')
    beside.push({
      input: 'source',
      text: 'has no effect, because each transfer has its own: remove it',
    })
  if (/^auto\s*(?:[,\r\n]|$)/.test(host.input('lock')))
    beside.push({
      input: 'lock',
      text: 'auto is a key below the destination, and each transfer has its own: set one key for all of them, such as s3://my-bucket/locks/site',
    })
  const inParts = host.input('mode') === 'finish' ? 'mode' : 'shard'
  if (host.input('shard') !== '' || inParts === 'mode')
    beside.push({
      input: inParts,
      text: 'cannot be used together with transfers, because only the plan of one transfer can be divided: use one workflow for each',
    })
  return [...beside, ...problems.map((text) => ({ input: 'transfers', text }))]
}

/** The values with folders of this runner where links lead to: one folder may have several names. */
async function withoutLinks(
  values: InputValues,
  { realPath }: Pick<Files, 'realPath'>,
): Promise<InputValues> {
  const real = async (place: InputValues['source']) =>
    place?.local === undefined ? place : { ...place, local: await realPath(place.local) }
  const { source, destination } = values
  return { ...values, source: await real(source), destination: await real(destination) }
}

async function overlapsOf(
  reads: readonly ReadTransfer[],
  files: Pick<Files, 'realPath'>,
): Promise<readonly Told[]> {
  const placed: PlacedTransfer[] = []
  for (const { entry, values, lost } of reads)
    if (entry && !lost.has('endpoint-url')) {
      const { name, line } = entry
      placed.push({ name, line, values: await withoutLinks(values, files) })
    }
  return overlaps(placed)
}

/**
 * The request as the entries of `transfers`, the inputs, the preset, the environment, the AWS files and the defaults
 * make it, in this order. Throws one SyncError of kind `inputs` that lists every problem. Hides secrets first of all.
 */
export async function readStep(
  host: Host,
  files: Pick<Files, 'join' | 'readText' | 'realPath' | 'awsConfig'>,
): Promise<StepRequest> {
  for (const name of SECRETS) if (host.input(name) !== '') host.mask(host.input(name))
  const list = await transferList(host)
  const { preset, problems: ofPreset } = await readPreset(host, files)
  const awsConfig = await files.awsConfig()
  const entries = list ? list.entries : [undefined]
  const once = readOnce(files)
  const reads = await Promise.all(
    entries.map((entry) => readTransfer({ entry, host, preset }, once, awsConfig)),
  )
  const unknown = unknownNames(host.env)
  const problems = [
    ...unknown.refused,
    ...ofPreset,
    ...problemsOfList(list, host),
    ...problemsOf(reads, host),
    ...(await overlapsOf(reads, files)),
  ]
  if (problems.length > 0) refuse(problems, await withheld(host.env, files))
  const [first, ...others] = reads
  if (!first) throw new SyncError('internal', 'Internal error: there is no transfer.')
  const { env } = host
  const reportDir = reportDirOf(first.values, { env, files })
  const requestAt = ({ entry, values, settings, services, rules }: ReadTransfer, at: number) => {
    const transfer = { name: entry?.name, at }
    const unknownInputs = unknown.others
    const around = { files, env, transfer, reportDir, settings, unknownInputs, services, rules }
    return Object.freeze(requestOf(values, around))
  }
  const transfers: readonly [SyncRequest, ...SyncRequest[]] = [
    requestAt(first, 0),
    ...others.map((read, at) => requestAt(read, at + 1)),
  ]
  return { transfers, reportDir }
}
