import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { localFiles as files } from '../src/adapters/files.ts'
import type { CopyOp } from '../src/model/op.ts'
import { visibleJson } from '../src/model/safe.ts'
import { rowsFile } from '../src/model/shard.ts'
import type { PlanIndex } from '../src/model/shard-schema.ts'
import { type MeasuredAction, measureAction } from './action.ts'
import { layOut, leaveReceipt, rowAt } from './laid-out.ts'
import type { AskedOfShards, ToShardServer } from './shard-server.ts'

type Inputs = Readonly<Record<string, string>>

/** What a job took, what it asked of the service, and its report. */
export interface JobRun extends MeasuredAction {
  readonly asked: AskedOfShards
  readonly report: {
    readonly stages: readonly { readonly stage: string; readonly seconds: number }[]
  }
}

/** How large a world is. */
export interface WorldSize {
  readonly keys: number
  readonly shards: number
  /** Of so many keys one is not at the destination. */
  readonly missingEvery: number
  /** Of so many keys one is only there; 0: none, and nothing is deleted. */
  readonly extraEvery: number
}

const PLACES = { source: 's3://src/data/', destination: 's3://dst/data/' }
const IDENTITY = {
  'aws-access-key-id': 'AKIABENCH',
  'aws-secret-access-key': 'secret',
  'aws-region': 'us-east-1',
}

/** A plan in parts, what its shards leave, and a service that takes their copies. */
export class ShardWorld {
  readonly #size: WorldSize
  readonly #server: ChildProcess
  readonly #endpoint: string
  readonly #job: Job
  readonly #root: string
  #index: PlanIndex | undefined

  private constructor(size: WorldSize, server: ChildProcess, port: unknown, job: Job) {
    this.#size = size
    this.#server = server
    this.#endpoint = `http://127.0.0.1:${port}`
    this.#job = job
    this.#root = job.runnerTemp
  }

  static async open(size: WorldSize): Promise<ShardWorld> {
    const { keys, missingEvery, extraEvery } = size
    const script = path.join(import.meta.dirname, 'shard-server.ts')
    const server = fork(script, [keys, missingEvery, extraEvery].map(String))
    const [port] = await once(server, 'message')
    return new ShardWorld(size, server, port, await openJob())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.disconnect()
    await this.#job[Symbol.asyncDispose]()
  }

  get index(): PlanIndex {
    if (!this.#index) throw new Error('There is no plan yet.')
    return this.#index
  }

  /** Where a shard leaves its files, as an artifact of its own. */
  shardFolder(name: number | string): string {
    return path.join(this.#root, 'shards', `s3-shard-${name}`)
  }

  tell(what: ToShardServer): void {
    this.#server.send(what)
  }

  /** Plans, and cuts the plan. */
  async plan(): Promise<JobRun> {
    const out = path.join(this.#root, 'planned')
    const ran = await this.#run({ mode: 'plan', shard: `${this.#size.shards}`, 'report-dir': out })
    this.#index = JSON.parse(await readFile(path.join(out, 'plan', 'plan.json'), 'utf8'))
    return ran
  }

  /** Carries a part out. */
  execute(number: number): Promise<JobRun> {
    return this.#run({
      mode: 'execute',
      shard: `${number}/${this.index.parts.length}`,
      'plan-dir': path.join(this.#root, 'planned'),
      'report-dir': this.shardFolder(number),
    })
  }

  /** Leaves what a shard would that made all its copies. */
  async leave(number: number): Promise<void> {
    const part = this.index.parts[number - 1]
    if (!part) throw new Error(`There is no part ${number}.`)
    const folder = this.shardFolder(number)
    await mkdir(folder, { recursive: true })
    const rowsPath = path.join(folder, rowsFile(number))
    const writer = await files.writer(rowsPath)
    for await (const line of files.lines(path.join(this.#root, 'planned', 'plan', part.file))) {
      if (!line.startsWith('{"op":')) continue
      const op = JSON.parse(line) as CopyOp
      await writer.write(visibleJson(rowAt(op, false)))
    }
    await writer.close()
    this.tell({ copied: [numberIn(part.from), numberIn(part.to) + 1] })
    await leaveReceipt(folder, number, this.index)
  }

  /** A plan of a few keys becomes one of so many, whose shards left all that they would. */
  async layOut(keys: number): Promise<void> {
    this.tell({ keys })
    this.#index = await layOut({
      header: this.index.header,
      keys,
      shards: this.#size.shards,
      planFolder: path.join(this.#root, 'planned', 'plan'),
      shardFolder: (number) => this.shardFolder(number),
    })
  }

  /** Makes the first half of the copies of a shard, and gives how many these are. */
  halfDone(number: number): number {
    const part = this.index.parts[number - 1]
    if (!part) throw new Error(`There is no part ${number}.`)
    const [first, last] = [numberIn(part.from), numberIn(part.to)]
    const { missingEvery } = this.#size
    const half = Math.floor((last - first) / missingEvery / 2)
    this.tell({ copied: [first, first + half * missingEvery] })
    return half
  }

  /** Delivers a shard a second time. */
  again(number: number): Promise<void> {
    const copy = this.shardFolder(`${number}-again`)
    return cp(this.shardFolder(number), copy, { recursive: true })
  }

  /** Loses what a shard left. */
  lose(number: number): Promise<void> {
    return rm(this.shardFolder(number), { recursive: true })
  }

  /** Ends the plan. */
  async finish(): Promise<JobRun> {
    const out = path.join(this.#root, 'finished')
    await rm(out, { recursive: true, force: true })
    return this.#run({
      mode: 'finish',
      'plan-dir': path.join(this.#root, 'planned'),
      'shards-dir': path.join(this.#root, 'shards'),
      'report-dir': out,
    })
  }

  /** Bytes of all files of a folder. */
  async bytesOf(name: 'planned' | 'planned/plan' | 'shards' | 'finished'): Promise<number> {
    const folder = path.join(this.#root, name)
    let bytes = 0
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size
    return bytes
  }

  async #run(inputs: Inputs): Promise<JobRun> {
    const deletes =
      this.#size.extraEvery > 0 ? { delete: 'true', 'max-delete': '1%' } : ({} as Inputs)
    await this.#asked()
    const ran = await measureAction(this.#job, {
      ...PLACES,
      ...IDENTITY,
      ...deletes,
      ...{ 'endpoint-url': this.#endpoint, 'sts-endpoint': this.#endpoint, engine: 'direct' },
      ...inputs,
    })
    const report = JSON.parse(await readFile(ran.output('report-path') ?? '', 'utf8'))
    return { ...ran, asked: await this.#asked(), report }
  }

  async #asked(): Promise<AskedOfShards> {
    this.tell({ tell: true })
    const [asked] = await once(this.#server, 'message')
    return asked as AskedOfShards
  }
}

const numberIn = (key: string): number => Number(key.replaceAll(/\D/g, ''))
