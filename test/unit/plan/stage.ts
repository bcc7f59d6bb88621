import type { KeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import type { Op, Plan, PlanHeader, PlanTrailer } from '../../../src/model/op.ts'
import type { Place } from '../../../src/model/place.ts'
import type { SelectionRequest } from '../../../src/model/request.ts'
import type { PlanContext, PlanRequest, Side } from '../../../src/plan/compare.ts'
import { makePlanFile } from '../../../src/plan/plan.ts'
import type { Files } from '../../../src/ports.ts'
import { packed } from '../../../src/storage/object-page.ts'
import type { Store } from '../../../src/storage/store.ts'
import { type ListedObject, type ListedStoreScript, listedStore } from '../../listed-store.ts'
import { memoryFiles } from '../../memory-files.ts'
import { idleSystem, jumpingClock, recordingLog } from '../../ports.ts'
import { unpacked } from '../listing/listing.ts'

export const PLAIN_RULES: SelectionRequest = {
  include: [],
  exclude: [],
  compare: 'auto',
  overwrite: 'if-different',
  allowEmptySource: false,
  delete: false,
  maxDelete: { objects: 1000 },
}

/** Objects by relative key: `size etag second`. */
type Objects = Readonly<Record<string, string>>

/** What differs from a folder of the side's name on AWS. */
interface SideScript extends Partial<Place> {
  readonly pageKeys?: number
  readonly doors?: Partial<Store>
  /** Changes an object of the listing. */
  readonly bend?: (object: ObjectInfo) => ObjectInfo
}

export interface StageScript {
  readonly source?: Objects
  readonly destination?: Objects
  readonly rules?: Partial<SelectionRequest>
  readonly from?: SideScript
  readonly to?: SideScript
  readonly ground?: Partial<PlanRequest & PlanContext>
}

const objectOf = (text: string): ListedObject => {
  const [size, etag = 'e', second] = text.split(' ')
  return { size: Number(size), etag, second: Number(second ?? 1) }
}

/** Names an object as no text can, where its name has what stands for such bytes. */
export const spoilt = (object: ObjectInfo): ObjectInfo => ({
  ...object,
  key: object.key.replace('\xef\xbf\xbd', '\xff') as KeyBytes,
})

/** The store of a side, whose objects are changed on their way. */
function bentStore(script: ListedStoreScript, bend: (object: ObjectInfo) => ObjectInfo) {
  const store = listedStore(script)
  const page: Store['page'] = async (query) => {
    const listed = await store.page(query)
    return { ...listed, objects: packed(unpacked(listed.objects).map(bend)) }
  }
  return { ...store, page }
}

function sideOf(bucket: string, objects: Objects = {}, script: SideScript = {}): Side {
  const { bend = (object) => object, doors, pageKeys = 100, ...place } = script
  const prefix = place.prefix ?? `${bucket}/`
  const full = Object.entries(objects).map(([key, text]) => [prefix + key, objectOf(text)] as const)
  const store = { ...bentStore({ objects: new Map(full), pageKeys }, bend), ...doors }
  return { bucket, prefix, single: false, region: 'eu-west-1', ...place, store }
}

/** The lines of a plan file. */
export interface PlanLines {
  readonly header: PlanHeader
  readonly ops: readonly Op[]
  readonly trailer: PlanTrailer
}

export interface PlanStage {
  readonly ground: PlanRequest & PlanContext
  readonly files: Files & { readonly texts: Map<string, string> }
  /** Paths of files that were opened to be written, and those of them that were not closed. */
  readonly opened: readonly string[]
  readonly unclosed: ReadonlySet<string>
  readonly said: readonly string[]
  make(): Promise<Plan>
  /** What the plan file holds. */
  lines(): PlanLines
}

/** Two listed places, and the planner between them; the plan file is `/plan`. */
export function planStage(script: StageScript): PlanStage {
  const { source, destination, rules, from, to } = script
  const memory = memoryFiles()
  const opened: string[] = []
  const unclosed = new Set<string>()
  const writer: Files['writer'] = async (path, mode) => {
    const own = await memory.writer(path, mode)
    opened.push(path)
    unclosed.add(path)
    const close = async () => {
      unclosed.delete(path)
    }
    return { ...own, close }
  }
  const files = {
    ...memory,
    writer,
    texts: memory.texts as Map<string, string>,
    isFile: async (path: string) => memory.texts.has(path),
  }
  const log = recordingLog()
  const ground: PlanRequest & PlanContext = {
    source: sideOf('from', source, from),
    destination: sideOf('to', destination, to),
    rules: { ...PLAIN_RULES, ...rules },
    mode: 'sync',
    write: {},
    looks: { requestTimeoutMs: 1000, retryCount: 0 },
    files,
    clock: jumpingClock(),
    system: idleSystem,
    signal: new AbortController().signal,
    log,
    ...script.ground,
  }
  return {
    ground,
    files,
    opened,
    unclosed,
    said: log.lines,
    make: () => makePlanFile(ground, '/plan', ground),
    lines: () => {
      const read = (files.texts.get('/plan') ?? '').trimEnd().split('\n')
      const [header, ...ops] = read.map((line) => JSON.parse(line))
      const trailer = ops.pop()
      return { header, ops, trailer }
    },
  }
}

/** What a promise is refused with, or a plan that it gives, in full. */
export async function refusalOf(
  work: Promise<unknown>,
): Promise<{ kind: string; message: string; hint: string | undefined }> {
  try {
    const given = await work
    if (typeof given === 'object' && given && 'refused' in given && given.refused)
      throw given.refused
  } catch (error) {
    const { kind, message, hint } = error as { kind: string; message: string; hint?: string }
    return { kind, message, hint }
  }
  throw new Error('Nothing was refused.')
}
