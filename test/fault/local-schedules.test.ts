import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { type Fault, fail, loseReply, reset, stall } from 's3-direct-sync-testkit/faults.ts'
import { fullDiskWhile } from 's3-direct-sync-testkit/full-disk.ts'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { describe, expect, it } from 'vitest'
import { type LocalStage, openLocalStage } from '../local-stage.ts'
import { runs } from '../runs.ts'

const MIB = 2 ** 20
const FILES = ['a.txt', 'b/c.json', 'b/d', 'large.bin', 'z']
const LARGE = 'large.bin'

/** Something that happens before a request is handled. */
interface Event {
  /** Which of the requests that write. */
  readonly nth: number
  readonly what:
    | 'reset'
    | 'busy'
    | 'broken'
    | 'lost'
    | 'kill'
    | 'full'
    | 'rewrite'
    | 'append'
    | 'replace'
    | 'remove'
    | 'link'
    | 'theirs'
  readonly file: string
}

const event: fc.Arbitrary<Event> = fc.record({
  nth: fc.integer({ min: 1, max: 12 }),
  what: fc.constantFrom(
    ...(['reset', 'busy', 'broken', 'lost', 'kill', 'full'] as const),
    ...(['rewrite', 'append', 'replace', 'remove', 'link', 'theirs'] as const),
  ),
  file: fc.constantFrom(...FILES, LARGE),
})
const schedule = fc.record({
  events: fc.array(event, { maxLength: 6 }),
  /** What the destination has of each file to begin with. */
  before: fc.tuple(...FILES.map(() => fc.constantFrom('nothing', 'same', 'other', 'same size'))),
})

const ABSENT: [string, string, string, string, string] = [
  'nothing',
  'nothing',
  'nothing',
  'nothing',
  'nothing',
]

const FAULTS: Readonly<Partial<Record<Event['what'], Fault>>> = {
  reset,
  busy: fail(503, 'SlowDown'),
  broken: fail(500, 'InternalError'),
  lost: loseReply,
}

const md5 = (bytes: Uint8Array | string): string => createHash('md5').update(bytes).digest('hex')
const contentOf = (file: string, version: number): Buffer =>
  Buffer.alloc(file === LARGE ? 11 * MIB : 100, `${file} ${version} `)

/** The files, and all that they and their objects have ever been. */
class World {
  readonly #local: LocalStage
  readonly #versions = new Map<string, Set<string>>(FILES.map((file) => [file, new Set()]))
  readonly #secret: string
  readonly #fullDisk: string
  #version = 0
  #happening = Promise.resolve()

  constructor(local: LocalStage) {
    this.#local = local
    this.#secret = `${local.path('..')}/secret`
    this.#fullDisk = `${local.path('..')}/full-disk`
  }

  /** The environment of a run whose disk may become full. */
  get env(): Readonly<Record<string, string>> {
    return { ...this.#local.stage.kit.idTokenEnv, ...fullDiskWhile(this.#fullDisk) }
  }

  /** Whether the disk became full; somebody makes room then. */
  async makeRoom(): Promise<boolean> {
    const wasFull = existsSync(this.#fullDisk)
    await rm(this.#fullDisk, { force: true })
    return wasFull
  }

  /** Puts what no object may ever hold beside the folder. */
  async hide(): Promise<void> {
    await writeFile(this.#secret, 'secret')
  }

  /** Removes the links that were put in the place of files, which the next run refuses. */
  async unlink(): Promise<void> {
    for (const file of FILES) {
      const found = await lstat(this.#local.path(file)).catch(() => undefined)
      if (found?.isSymbolicLink()) await rm(this.#local.path(file))
    }
  }

  /** SHA256SUMS as it has to be of what the destination holds. */
  sums(): string {
    const { store } = this.#local.stage.kit
    return this.#sorted()
      .map((key) => {
        const bytes = store.bytes('dst', `copy/${key}`) ?? ''
        return `${createHash('sha256').update(bytes).digest('hex')}  ${key}\n`
      })
      .join('')
  }

  /** Keys of the destination that are those of files. */
  #sorted(): string[] {
    const files = FILES.filter((file) => existsSync(this.#local.path(file)))
    return this.#local
      .keys()
      .filter((key) => files.includes(key))
      .toSorted()
  }

  async write(file: string): Promise<void> {
    await this.#local.put(file, this.#next(file))
  }

  give(file: string, what: string): void {
    const same = contentOf(file, this.#version)
    const body =
      what === 'same'
        ? same
        : what === 'other'
          ? Buffer.from('other')
          : Buffer.alloc(same.length, 'o')
    if (what !== 'nothing') this.#putObject(file, body)
  }

  /** Lets something happen, behind all that happens already: requests come side by side. */
  happen(event: Event): Promise<void> {
    this.#happening = this.#happening.then(() => this.#happen(event))
    return this.#happening
  }

  async #happen({ what, file }: Event): Promise<void> {
    const at = this.#local.path(file)
    if (what === 'rewrite') {
      await writeFile(at, this.#next(file))
      await utimes(at, 1, 1)
    }
    if (what === 'append') {
      const content = Buffer.concat([this.#next(file), Buffer.from('more')])
      this.#note(file, content)
      await writeFile(at, content)
    }
    if (what === 'replace') {
      await writeFile(`${at}.new`, this.#next(file))
      await rename(`${at}.new`, at)
    }
    if (what === 'remove') await rm(at, { force: true })
    if (what === 'link') {
      await rm(at, { force: true })
      await symlink(this.#secret, at)
    }
    if (what === 'full') await writeFile(this.#fullDisk, '')
    if (what === 'theirs') this.#putObject(file, Buffer.from(`theirs ${++this.#version}`))
  }

  /** Objects that hold what nobody ever wrote. */
  torn(): string[] {
    const { store } = this.#local.stage.kit
    return this.#local.keys().filter((key) => {
      const bytes = store.bytes('dst', `copy/${key}`)
      return !bytes || !this.#versions.get(key)?.has(md5(bytes))
    })
  }

  #next(file: string): Buffer {
    const content = contentOf(file, ++this.#version)
    this.#note(file, content)
    return content
  }

  #note(file: string, content: Buffer): void {
    this.#versions.get(file)?.add(md5(content))
  }

  #putObject(file: string, body: Buffer): void {
    this.#note(file, body)
    this.#local.stage.kit.store.put('dst', `copy/${file}`, { body })
  }
}

async function hold({
  events,
  before,
}: {
  readonly events: readonly Event[]
  readonly before: readonly string[]
}) {
  await using local = await openLocalStage('beside')
  const world = new World(local)
  await world.hide()
  for (const [at, file] of FILES.entries()) {
    await world.write(file)
    world.give(file, before[at] ?? 'nothing')
  }
  const inputs = { 'part-size': '5MiB', 'retry-delay': '1ms', sha256sums: 'true' }
  const { promise: endedBy, resolve } = Promise.withResolvers<'SIGKILL'>()
  let requests = 0
  local.stage.kit.faults.add({
    match: ({ method, bucket }) => (method === 'PUT' || method === 'POST') && bucket === 'dst',
    fault: async (request, next) => {
      const due = events.filter(({ nth }) => nth === requests + 1)
      requests++
      for (const one of due) await world.happen(one)
      if (due.some(({ what }) => what === 'kill')) {
        resolve('SIGKILL')
        return stall(request, next)
      }
      const [fault] = due.flatMap(({ what }) => FAULTS[what] ?? [])
      return fault ? fault(request, next) : next()
    },
  })
  const first = await local.publish(inputs, { endedBy, env: world.env })
  expect(world.torn()).toEqual([])
  // Whoever cannot write down what he did has not done it well.
  if (await world.makeRoom()) expect(first.exitCode).not.toBe(0)
  local.stage.kit.faults.clear()
  await using _post = await runPost(first)
  const { store } = local.stage.kit
  // That of a probe that was killed is nobody's, and has no parts.
  const wasKilled = first.exitCode === null
  expect(wasKilled ? store.paidUploads('dst') : store.uploads('dst')).toEqual([])
  await world.unlink()
  await using clean = await local.publish({ ...inputs, 'allow-empty-source': 'true' })
  expect(['success', 'nothing-to-do']).toContain(clean.outputs['result'])
  expect(world.torn()).toEqual([])
  expect(await readFile(clean.outputs['sha256sums-path'] ?? '', 'utf8')).toBe(world.sums())
  await using again = await local.publish({ ...inputs, 'allow-empty-source': 'true' })
  expect(again.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-copies': '0' })
}

const schedules = runs(6)

describe('files that change, while requests fail, the disk is full and the run is killed', () => {
  it(
    'are at the destination as they were at some time, never torn, and the next run is all it takes',
    () =>
      fc.assert(fc.asyncProperty(schedule, hold), {
        ...schedules,
        // A disk that is full when uploads begin: none may be left that nobody could note.
        examples: [[{ events: [{ nth: 1, what: 'full', file: LARGE }], before: ABSENT }]],
      }),
    60_000 + schedules.numRuns * 60_000,
  )
})
