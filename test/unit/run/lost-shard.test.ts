import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { localFiles } from '../../../src/adapters/files.ts'
import { cutPlan } from '../../../src/plan/cut.ts'
import { lookAtPart } from '../../../src/run/lost-shard.ts'
import type { Run } from '../../../src/run/pipeline.ts'
import type { Ready } from '../../../src/run/ready.ts'
import { listedStore } from '../../listed-store.ts'
import { jumpingClock } from '../../ports.ts'
import { copyOf, headerFor, planOf } from '../../shard-fixture.ts'
import { PLAIN_RULES } from '../plan/stage.ts'

const crowd = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${name}/${100_000 + at}`)

/** Looks at a lost part of two crowds of copies, all of which are there; gives how, and the LIST requests. */
async function look(endpoint: string | undefined) {
  const folder = await mkdtemp(path.join(tmpdir(), 'lost-'))
  const copies = [...crowd('a', 600), ...crowd('z', 600)]
  const ops = copies.map((name) => copyOf(name, 1))
  const plan = await planOf(localFiles, folder, ops, { header: headerFor('lost') })
  const planDir = path.join(folder, 'plan')
  const index = await cutPlan(localFiles, planDir, plan, {
    parts: 1,
    streamed: false,
    refused: undefined,
  })
  const objects = [...copies, ...crowd('m', 10_000)].map(
    (name) => [`copy/${name}`, { size: 1, etag: 'e', second: 1 }] as const,
  )
  const store = listedStore({ objects: new Map(objects), pageKeys: 100 })
  const place = (bucket: string, prefix: string) => ({
    ...{ store, bucket, prefix, endpoint, region: 'us-east-1', single: false },
  })
  const signal = new AbortController().signal
  const host = { cancelled: signal, hide: (text: string) => text }
  const run = { ports: { files: localFiles, clock: jumpingClock(), host } } as unknown as Run
  const ready = {
    facts: { source: place('src', 'data/'), destination: place('dst', 'copy/') },
    request: {
      transfer: { verify: 'auto', requestTimeoutMs: 1000 },
      selection: { ...PLAIN_RULES, delete: true },
    },
  } as unknown as Ready
  const [part] = index.parts
  if (!part) throw new Error('There is no part.')
  const inParts = { folder: planDir, index }
  const rows = path.join(folder, 'rows.ndjson')
  const unproven = { inParts, part, name: 'lost', path: rows, folder }
  const { method } = await lookAtPart(run, ready, unproven)
  const lines = (await localFiles.readText(rows, 2 ** 22)).trimEnd().split('\n')
  await rm(folder, { recursive: true })
  const done = lines.filter((line) => line.includes('"status":"done"')).length
  return { method, done, lists: store.queries.length }
}

it.each([
  ['on the pages that have it, where listings promise their order', undefined, 12],
  ['by one listing where they do not', 'http://127.0.0.1', 112],
])('a lost part is looked at %s', async (_how, endpoint, lists) => {
  expect(await look(endpoint)).toEqual({ method: 'listing', done: 1200, lists })
})
