import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type Fault, stall } from 's3-direct-sync-testkit/faults.ts'
import { describe, expect, it } from 'vitest'
import { type DownloadStage, filesBelow, openDownloadStage } from '../download-stage.ts'

/** Kills of a process that writes; 1,000 in a long run. */
const KILLS = Number(process.env['N'] ?? 12)
const FILES = ['a.txt', 'deep/er/b.txt', 'c.large', 'deep/d.large']
/** Rounds of a writer before it may be killed; behind so many, a thread of its own writes small files. */
const ROUNDS = [1, 150] as const
const WRITER = path.join(import.meta.dirname, 'landing-writer.ts')

/** Whether content is one that a writer wrote as a whole. */
function isWhole(key: string, content: string): boolean {
  const [unit = ''] = new RegExp(`^${key} [0-9a-f]{8} [0-9]+ `).exec(content) ?? []
  const length = key.endsWith('.large') ? 300_000 : 3000
  return unit !== '' && Buffer.alloc(length, unit).equals(Buffer.from(content))
}

describe('a process that is killed while it writes files', () => {
  it.each(ROUNDS)(
    'leaves each as it was or as it is to be, never torn, and what is unfinished under no name of a file (behind %i rounds)',
    async (rounds) => {
      const root = await mkdtemp(path.join(os.tmpdir(), 'kills-'))
      try {
        let seen = 0
        for (let kill = 0; kill < KILLS / ROUNDS.length; kill++) {
          const run = kill.toString(16).padStart(8, '0')
          const child = fork(WRITER, [root, run, FILES.join(','), String(rounds)], { silent: true })
          await once(child, 'message')
          await new Promise((done) => setTimeout(done, (kill * 7) % 60))
          const ended = once(child, 'exit')
          child.kill('SIGKILL')
          const [, signal] = await ended
          expect(signal).toBe('SIGKILL')
          for (const name of await filesBelow(root)) {
            if (/\.s3-direct-sync-[0-9a-f]{8}\.tmp$/.test(name)) continue
            expect(FILES).toContain(name)
            expect(isWhole(name, await readFile(path.join(root, name), 'utf8')), name).toBe(true)
            seen++
          }
        }
        expect(seen).toBeGreaterThan(0)
      } finally {
        await rm(root, { recursive: true, force: true })
      }
    },
    3_600_000,
  )
})

const MIB = 2 ** 20
const contentOf = (key: string): Buffer => Buffer.alloc(key === 'large' ? 20 * MIB : 500, key)
const KEYS = ['a', 'b/c', 'large', 'z']

/** Kills a run at one of its reads. */
async function killedAt(down: DownloadStage, nth: number): Promise<void> {
  const { promise: endedBy, resolve } = Promise.withResolvers<'SIGKILL'>()
  let reads = 0
  const fault: Fault = (request, next) => {
    if (++reads !== nth) return next()
    resolve('SIGKILL')
    return stall(request, next)
  }
  down.stage.kit.faults.add({ match: { operation: 'GetObject' }, fault })
  await down.fetch({}, { endedBy }).then((run) => run[Symbol.asyncDispose]())
  down.stage.kit.faults.clear()
}

describe('a run that is killed while it fetches', () => {
  it.each([1, 4])(
    'at read %i leaves old or new files, and the next one removes what is unfinished and ends the work',
    async (nth) => {
      await using down = await openDownloadStage()
      for (const key of KEYS) down.put(key, contentOf(key))
      await down.write('b/c', 'old')
      await down.write('large', 'old')
      await killedAt(down, nth)
      // So there is one whatever the moment of the kill was.
      await down.write('b/.x.s3-direct-sync-0123abcd.tmp', 'half')
      for (const name of await down.names()) {
        if (name.endsWith('.tmp')) continue
        const text = await down.text(name)
        expect(['old', contentOf(name).toString()].includes(text), name).toBe(true)
      }
      // Nobody publishes what is unfinished.
      await using up = await down.stage.run({ source: down.path() }, { job: down.job })
      expect(up.outputs['result'], up.log).toBe('success')
      expect(down.stage.kit.store.keys('dst').filter((key) => key.endsWith('.tmp'))).toEqual([])
      await using run = await down.fetch()
      expect(run.outputs, run.log).toMatchObject({ result: 'success' })
      expect(run.log).toMatch(/Removed .*unfinished files? of an earlier run/)
      expect(await down.names()).toEqual([...KEYS].sort())
      for (const key of KEYS)
        expect((await readFile(down.path(key))).equals(contentOf(key)), key).toBe(true)
    },
    120_000,
  )

  it('cancelled, leaves nothing unfinished', async () => {
    await using down = await openDownloadStage()
    for (const key of KEYS) down.put(key, contentOf(key))
    const { promise: endedBy, resolve } = Promise.withResolvers<'SIGTERM'>()
    let reads = 0
    const fault: Fault = (request, next) => {
      if (++reads < 3) return next()
      resolve('SIGTERM')
      return stall(request, next)
    }
    down.stage.kit.faults.add({ match: { operation: 'GetObject' }, fault })
    await using run = await down.fetch({}, { endedBy })
    expect(run.outputs['result']).toBe('cancelled')
    expect((await down.names()).filter((name) => name.endsWith('.tmp'))).toEqual([])
  }, 60_000)
})

describe('a source that changes while it is read', () => {
  it('is fetched as it is then, or fails by name where only what was approved may be', async () => {
    await using down = await openDownloadStage()
    down.put('large', contentOf('large'))
    const change: Fault = (_request, next) => {
      down.put('large', Buffer.alloc(20 * MIB, 'other'))
      return next()
    }
    const add = () =>
      down.stage.kit.faults.add({
        match: { operation: 'GetObject' },
        nth: 2,
        times: 1,
        fault: change,
      })
    await using planned = await down.fetch({ mode: 'plan' })
    add()
    const inputs = { mode: 'execute', 'plan-dir': planned.outputs['report-dir'] ?? '' }
    await using run = await down.fetch(inputs)
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', failed: '1' })
    expect(await readFile(run.outputs['failed-path'] ?? '', 'utf8')).toContain('SourceChanged')
    expect(await down.names()).toEqual([])
    down.put('large', contentOf('large'))
    down.stage.kit.faults.clear()
    add()
    await using synced = await down.fetch()
    expect(synced.outputs).toMatchObject({ result: 'success', copied: '1' })
    const file = await readFile(down.path('large'))
    expect(file.equals(Buffer.alloc(20 * MIB, 'other'))).toBe(true)
  }, 60_000)
})
