import { createHash } from 'node:crypto'
import { JOB_PART } from '../model/batch-job.ts'
import {
  addTally,
  type CopyOp,
  NO_TALLY,
  type Op,
  type Plan,
  type PlanTrailer,
  type Tally,
  waveOf,
} from '../model/op.ts'
import { RowSum } from '../model/row-sum.ts'
import { visibleJson } from '../model/safe.ts'
import { sealedText, sealOf } from '../model/sealed.ts'
import { INDEX_FILE, INDEX_SCHEMA, partFile, REST_FILE } from '../model/shard.ts'
import type { PlanIndex, PlanPart } from '../model/shard-schema.ts'
import type { Files, LineWriter } from '../ports.ts'
import { type JobCut, JobList } from './job-list.ts'
import type { PlanTotals } from './plan-file.ts'
import { count, countAt, type PlaceTallies, sumAt, type Tallies } from './tallies.ts'

/** How a plan is cut. */
export interface CutRequest {
  /** At most so many; `auto`: as many as there are copies for. */
  readonly parts: number | 'auto'
  /** Whether bytes pass through the runner, so that they take its time. */
  readonly streamed: boolean
  /** Why no run may carry the plan out, where only who listed both places can see it. */
  readonly refused: string | undefined
  /** What of it goes to S3 Batch Operations, in place of parts; undefined: nothing. */
  readonly job?: JobCut | undefined
}

/** Fewer copies are none that another runner is worth. */
const OPS_PER_PART = 50_000
const MOST_AUTO = 64
/** Bytes that take as long as a request does: through this process, and where the service copies. */
const BYTES_PER_OP = { streamed: 128 * 1024, copied: 64 * 2 ** 20 }

const partsFor = ({ objects }: Tally, { parts }: CutRequest): number =>
  parts === 'auto' ? Math.min(MOST_AUTO, Math.max(1, Math.ceil(objects / OPS_PER_PART))) : parts

/** What copies cost, in requests. */
const costOf = ({ objects, bytes }: Tally, { streamed }: CutRequest): number =>
  objects + bytes / (streamed ? BYTES_PER_OP.streamed : BYTES_PER_OP.copied)

const tallyOf = ({ size }: Op): Tally => ({ objects: 1, bytes: size })

/** What a file of a plan in parts turned out to be. */
interface Written {
  readonly copies: Tally
  readonly deletes: Tally
  readonly from: string
  readonly to: string
  readonly digest: string
  readonly rows: string
}

/** Lines are written so many at a time. */
const LINES = 1000

/** Writes one file of a plan in parts, which is a whole plan by itself. */
class PartWriter {
  readonly #writer: LineWriter
  readonly #waves: number | undefined
  /** Over the lines, as the trailer names them. */
  readonly #hash = createHash('sha256')
  readonly #rows = new RowSum()
  readonly #reasons: Tallies = {}
  readonly #inWaves: PlaceTallies = []
  #lines: string[] = []
  #copies = NO_TALLY
  #deletes = NO_TALLY
  #from = ''
  #to = ''
  #endsNamed = false

  constructor(writer: LineWriter, { header, trailer }: Pick<Plan, 'header' | 'trailer'>) {
    this.#writer = writer
    this.#waves = trailer.waves?.length
    this.#lines.push(visibleJson(header))
  }

  get copies(): Tally {
    return this.#copies
  }

  /** Whether a part may end here: its last key can be named, so that what follows begins behind it. */
  get canEnd(): boolean {
    return this.#endsNamed
  }

  /** Adds an op; resolves when more can be taken, undefined: it can now. */
  add(op: Op, line: string): Promise<void> | undefined {
    count(this.#reasons, op.reason, tallyOf(op))
    if (op.op === 'copy') this.#addCopy(op, line)
    else this.#deletes = addTally(this.#deletes, tallyOf(op))
    return this.#lines.push(line) >= LINES ? this.#flush() : undefined
  }

  async close(): Promise<Written> {
    await this.#flush()
    const whole = this.#hash.copy()
    const trailer: PlanTrailer = {
      trailer: true,
      copies: this.#copies,
      deletes: this.#deletes,
      ...(this.#waves === undefined ? {} : { waves: [...sumAt([this.#inWaves], this.#waves)] }),
      reasons: this.#reasons,
      listed: { source: 0, destination: 0 },
      inScope: 0,
      digest: this.#hash.digest('hex'),
    }
    const last = visibleJson(trailer)
    whole.update(`${last}\n`)
    await this.#writer.write(last)
    await this.#writer.close()
    return {
      copies: this.#copies,
      deletes: this.#deletes,
      from: this.#from,
      to: this.#to,
      digest: whole.digest('hex'),
      rows: this.#rows.digest,
    }
  }

  #addCopy(op: CopyOp, line: string): void {
    this.#copies = addTally(this.#copies, tallyOf(op))
    countAt(this.#inWaves, waveOf(op), tallyOf(op))
    this.#rows.add(line)
    this.#endsNamed = !op.unnameable
    if (op.unnameable) return
    if (this.#to === '') this.#from = op.to
    this.#to = op.to
  }

  #flush(): Promise<void> | undefined {
    if (this.#lines.length === 0) return undefined
    const text = this.#lines.join('\n')
    this.#lines = []
    this.#hash.update(`${text}\n`)
    return this.#writer.write(text)
  }
}

const partOf = <File extends string>(
  file: File,
  { from, to, copies, digest, rows }: Written,
): PlanPart & { readonly file: File } => ({
  file,
  from,
  to,
  ops: copies.objects,
  bytes: copies.bytes,
  digest,
  rows,
})

/** Cuts the lines of a plan into files. */
class Cutter {
  readonly #files: Files
  readonly #folder: string
  readonly #plan: Plan
  readonly #request: CutRequest
  readonly #most: number
  /** What a part may cost. */
  readonly #share: number
  readonly #parts: PlanPart[] = []
  #cut = NO_TALLY
  #open: PartWriter | undefined
  readonly #list: JobList | undefined
  #job: PartWriter | undefined

  constructor(files: Files, folder: string, plan: Plan, request: CutRequest) {
    const first = plan.trailer.waves?.[0] ?? plan.trailer.copies
    this.#files = files
    this.#folder = folder
    this.#plan = plan
    this.#request = request
    this.#most = partsFor(first, request)
    this.#share = costOf(first, request) / this.#most
    this.#list = request.job && new JobList(files, folder, request.job)
  }

  async run(): Promise<Pick<PlanIndex, 'parts' | 'job' | 'finish'>> {
    const rest = await this.#writer(REST_FILE)
    for await (const block of this.#files.lineBlocks(this.#plan.path))
      for (const line of block) {
        const full = line.startsWith('{"op":') ? this.#add(line, rest) : undefined
        if (full) await full
      }
    // A plan without copies is one part without any: a matrix of no jobs would be none that failed.
    if (this.#open || this.#parts.length === 0) await this.#end(await this.#opened())
    const { copies, deletes, digest } = await rest.close()
    const job = await this.#endJob()
    return { parts: this.#parts, job, finish: { file: REST_FILE, copies, deletes, digest } }
  }

  async #endJob(): Promise<PlanIndex['job']> {
    if (!this.#list) return undefined
    this.#job ??= await this.#writer(JOB_PART)
    return { ...partOf(JOB_PART, await this.#job.close()), ...(await this.#list.close()) }
  }

  #add(line: string, rest: PartWriter): Promise<unknown> | undefined {
    const op = JSON.parse(line) as Op
    if (op.op === 'delete' || waveOf(op) > 0) return rest.add(op, line)
    const job = this.#list?.takes(op) ? this.#list : undefined
    return job ? this.#addToJob(op, line, job) : this.#addToPart(op, line)
  }

  #addToJob(op: CopyOp, line: string, list: JobList): Promise<unknown> | undefined {
    const part = this.#job
    if (!part)
      return this.#writer(JOB_PART).then((opened) => {
        this.#job = opened
        return this.#addToJob(op, line, list)
      })
    const [added, listed] = [part.add(op, line), list.written()]
    return added || listed ? Promise.all([added, listed]) : undefined
  }

  #addToPart(op: CopyOp, line: string): Promise<void> | undefined {
    const part = this.#open
    if (!part) return this.#opened().then(() => this.#addToPart(op, line))
    const full = part.add(op, line)
    const cost = costOf(addTally(this.#cut, part.copies), this.#request)
    const isFull = cost >= this.#share * (this.#parts.length + 1)
    if (!isFull || !part.canEnd || this.#parts.length + 1 >= this.#most) return full
    return Promise.resolve(full).then(() => this.#end(part))
  }

  async #opened(): Promise<PartWriter> {
    this.#open ??= await this.#writer(partFile(this.#parts.length + 1))
    return this.#open
  }

  async #end(part: PartWriter): Promise<void> {
    const written = await part.close()
    this.#cut = addTally(this.#cut, written.copies)
    this.#parts.push(partOf(partFile(this.#parts.length + 1), written))
    this.#open = undefined
  }

  async #writer(name: string): Promise<PartWriter> {
    const writer = await this.#files.writer(this.#files.join(this.#folder, name))
    return new PartWriter(writer, this.#plan)
  }
}

/**
 * Writes a plan in parts into a folder, which is made: copies of wave 0 in parts of about the same cost whose keys follow
 * one another, the rest in a file of its own, and plan.json behind all of them.
 */
export async function cutPlan(
  files: Files,
  folder: string,
  plan: Plan,
  request: CutRequest,
): Promise<PlanIndex> {
  await files.makeFolder(folder)
  const { parts, job, finish } = await new Cutter(files, folder, plan, request).run()
  const { trailer: _trailer, digest: _digest, ...totals } = plan.trailer
  const index = {
    schema: INDEX_SCHEMA,
    header: plan.header,
    totals: totals satisfies PlanTotals,
    ...(request.refused === undefined ? {} : { refused: request.refused }),
    parts,
    ...(job ? { job } : {}),
    finish,
  } as const
  await files.writeText(files.join(folder, INDEX_FILE), sealedText(index, 'planId'))
  return { ...index, planId: sealOf(index) }
}
