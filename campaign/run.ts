import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import type { FirstSignal } from 's3-direct-sync-testkit/runner-process.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { FaultName } from './catalogue.ts'
import { SET_UP } from './doors.ts'
import { imageOf } from './expected.ts'
import { targetIn, textOf } from './manifest.ts'
import { PLAIN_KEY, type Schedule } from './schedule.ts'
import type { Stand } from './stand.ts'
import { type Act, type Played, perform, type Seen, type Theatre } from './step.ts'
import { FROM, type Placed, TO } from './world.ts'

function fill({ kit }: Stage, bucket: string, objects: readonly Placed[]): void {
  for (const { key, ageSeconds, ...spec } of objects)
    kit.store.put(bucket, key, { ...spec, lastModifiedMs: Date.now() - ageSeconds * 1000 })
}

const allow = (Action: readonly string[], ...buckets: readonly string[]) => ({
  Statement: {
    Effect: 'Allow' as const,
    Action,
    Resource: buckets.flatMap((name) => [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`]),
  },
})

function identityInputs({ who }: Schedule, { kit }: Stage): Record<string, string> {
  if (who === 'oidc') return {}
  const keysAs = (prefix: string, name: string, policy: ReturnType<typeof allow>) => {
    const { accessKeyId, secretAccessKey } = kit.iam.addUser(name, [policy])
    return {
      [`${prefix}aws-access-key-id`]: accessKeyId,
      [`${prefix}aws-secret-access-key`]: secretAccessKey,
    }
  }
  const none = { 'role-to-assume': '' }
  if (who === 'keys') return { ...none, ...keysAs('', 'both', allow(['s3:*'], 'src', 'dst')) }
  const reading = allow(['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging'], 'src')
  const inputs = { ...none, 'part-size': '5MiB', ...keysAs('', 'writer', allow(['s3:*'], 'dst')) }
  return { ...inputs, ...keysAs('source-', 'reader', reading) }
}

/** A key that only the destination has, as the source would name it, and that the engine can carry. */
function extraOf({ source, destination, request }: Schedule): string | undefined {
  if (request['key-template'] !== undefined) return undefined
  const keys = destination.flatMap(({ key }) =>
    key.startsWith(TO) ? [FROM + key.slice(TO.length)] : [],
  )
  const carried = request['engine'] === 's5cmd' ? keys.filter((key) => PLAIN_KEY.test(key)) : keys
  return carried.find((key) => !source.some((placed) => placed.key === key))
}

const PATIENCE_MS = 3500

interface Trouble {
  readonly stand: Stand
  readonly acts: Act[]
  readonly endedBy: Promise<FirstSignal>
  readonly lostPatience: () => boolean
}

type Surroundings = Pick<Stand, 'clock' | 'scratch' | 'planFile'>

function troubleFor(theatre: Theatre, around: Surroundings): Trouble {
  const { stage, schedule, inputs } = theatre
  const { store } = stage.kit
  const acts: Act[] = []
  const { promise, resolve } = Promise.withResolvers<FirstSignal>()
  let lostPatience = false
  const stand: Stand = {
    ...around,
    kit: stage.kit,
    reportDir: inputs['report-dir'] ?? '',
    ...{ inputs: {}, env: {} },
    imageOf: (key) => targetIn(schedule.list, key) ?? imageOf(schedule.request, key),
    extraSourceKey: extraOf(schedule),
    interfere: ({ bucket, key, body }) => {
      if (body === undefined) store.delete(bucket, key)
      else store.put(bucket, key, { body })
      const facts = store.facts(bucket, key)
      const modifiedMs = store.lastModifiedMs(bucket, key) ?? 0
      const whole = store.wholeChecksums(bucket, key)
      acts.push({ bucket, key, held: facts && { ...facts, modifiedMs, whole } })
    },
    signal: resolve,
    cancelLater: (afterMs = PATIENCE_MS) =>
      void setTimeout(() => {
        lostPatience = true
        resolve('SIGINT')
      }, afterMs).unref(),
  }
  return { stand, acts, endedBy: promise, lostPatience: () => lostPatience }
}

async function heal({ stage: { kit }, inputs }: Theatre, clock: Stand['clock']): Promise<void> {
  await rm(inputs['report-dir'] ?? '', { recursive: true, force: true })
  kit.faults.clear()
  kit.issuer.refusals = []
  kit.issuer.delayMs = 0
  kit.iam.sessionLifetimeMs = undefined
  // What is copied in the second in which it was written is copied once more; that second is over by now.
  clock.aheadMs = (clock.aheadMs % 60_000) + 2000
}

// A healthy service that shares its machine with others may take its time.
const PATIENT = { 'request-timeout': '20s', 'retry-count': '3', 'max-retries': '3' }

/** Secrets that the step is given. */
const given = (inputs: Readonly<Record<string, string>>): string[] =>
  Object.entries(inputs).flatMap(([name, value]) =>
    /secret|key-id|TOKEN$/.test(name) ? [value] : [],
  )

const KEPT_BACK: ReadonlySet<FaultName> = new Set(['no response', 'slow response'])

/** Short where a fault keeps an answer back; else a slow machine is given its time. */
const timeoutOf = ({ faults }: Schedule): string =>
  faults.some(({ name }) => KEPT_BACK.has(name)) ? '1s' : '10s'

const OWN = '- { name: own, destination: s3://dst/copy/ }'
const IDLE =
  '- { name: idle, source: s3://src/nothing/, destination: s3://dst/nothing/, delete: false, allow-empty-source: true }'

/** The places as a list of transfers, where the schedule has one: what names objects names those of its own transfer. */
function listed(
  { beside }: Schedule,
  named: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (beside === undefined) return named
  const own = OWN.replace(
    ' }',
    Object.entries(named)
      .map(([name, value]) => `, ${name}: ${JSON.stringify(value)}`)
      .join('')
      .concat(' }'),
  )
  return {
    destination: '',
    transfers: (beside === 'before' ? [IDLE, own] : [own, IDLE]).join('\n'),
  }
}

/** Writes the list of a schedule that has one; gives the inputs that name it. */
async function listInputs(
  { list }: Schedule,
  { kit: { store } }: Stage,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  if (!list) return {}
  const name = list.format === 'keys' ? 'list.txt' : `list.${list.format}`
  const body = textOf(list, (key) => store.facts('src', key))
  const path = join(folder, name)
  if (list.where === 'S3') store.put('src', `lists/${name}`, { body })
  else await writeFile(path, body)
  const manifest = list.where === 'S3' ? `s3://src/lists/${name}` : path
  return { manifest, 'manifest-missing': list.missing }
}

async function openTheatre(schedule: Schedule, stage: Stage): Promise<Theatre> {
  const job = await openJob()
  fill(stage, 'src', schedule.source)
  fill(stage, 'dst', schedule.destination)
  const own = identityInputs(schedule, stage)
  const reportDir = join(job.workspace, 'report')
  const named = await listInputs(schedule, stage, job.workspace)
  return {
    schedule,
    stage,
    job,
    inputs: {
      ...{ ...own, ...schedule.request, ...listed(schedule, named) },
      ...{ 'request-timeout': timeoutOf(schedule), 'report-dir': reportDir },
    },
    secrets: new Set(given({ ...own, ...stage.kit.idTokenEnv })),
  }
}

/** The step that makes the plan, where another one executes it. */
async function planAhead(
  theatre: Theatre,
): Promise<{ steps: Seen[]; inputs: Readonly<Record<string, string>> }> {
  const { mode } = theatre.schedule
  if (mode !== 'plan, execute') return { steps: [], inputs: mode === 'check' ? { mode } : {} }
  const planDir = join(theatre.job.workspace, 'plan')
  const inputs = { ...PATIENT, mode: 'plan', 'report-dir': planDir }
  const planned = await perform(theatre, { name: 'plan', inputs })
  theatre.stage.kit.faults.clear()
  return { steps: [planned], inputs: { mode: 'execute', 'plan-dir': planDir } }
}

/** Plays a schedule: the run under its faults, and when they are over two more runs of the same request. */
export async function play(schedule: Schedule): Promise<Played> {
  const startedMs = performance.now()
  const clock = { aheadMs: 0 }
  const { pageKeys, latencyMs } = schedule
  const now = () => Date.now() + clock.aheadMs
  await using stage = await openStage({ now, pageKeys, latencyMs })
  const theatre = await openTheatre(schedule, stage)
  await using _job = theatre.job
  const scratch = await mkdtemp(join(tmpdir(), 'campaign-'))
  const { steps, inputs } = await planAhead(theatre)
  const folder = inputs['plan-dir']
  const planFile = folder === undefined ? undefined : join(folder, 'plan.ndjson')
  const { stand, acts, endedBy, lostPatience } = troubleFor(theatre, { clock, scratch, planFile })
  const asked = schedule.faults.map((spec) => SET_UP[spec.name](spec, stand))
  const broken = { ...inputs, ...stand.inputs }
  steps.push(
    await perform(theatre, { name: 'under faults', inputs: broken, env: stand.env, endedBy }),
  )
  const struck = asked.map((times) => times())
  const cancelled = lostPatience()
  for (const name of ['second', 'third'] as const) {
    await heal(theatre, clock)
    // What a check looks at is only seen to agree by another one.
    const checks = name === 'third' && schedule.mode === 'check'
    const inputs = { ...PATIENT, ...(checks ? { mode: 'check' } : {}) }
    steps.push(await perform(theatre, { name, inputs }))
  }
  await rm(scratch, { recursive: true, force: true })
  return {
    schedule,
    steps,
    acts,
    struck,
    lostPatience: cancelled,
    secrets: [...theatre.secrets],
    uploadsLeft: stage.kit.store.uploads('dst').length,
    seconds: (performance.now() - startedMs) / 1000,
  }
}
