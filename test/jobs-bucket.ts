import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { startTestkit, type Testkit } from 's3-direct-sync-testkit/testkit.ts'
import { localFiles } from '../src/adapters/files.ts'
import type { Session } from '../src/credentials/session.ts'
import { INDEX_FILE } from '../src/model/shard.ts'
import type { PlanIndex } from '../src/model/shard-schema.ts'
import type { BucketFolder } from '../src/model/shared-folder.ts'
import { openPorts } from '../src/open-ports.ts'
import type { Ports } from '../src/ports.ts'
import { newRun } from '../src/run/pipeline.ts'
import { bytesOf, planDirOf } from '../src/run/plan-dir.ts'
import { fetchShards } from '../src/run/shards-bucket.ts'
import { scriptedHost } from './ports.ts'
import { read } from './unit/inputs/reading.ts'

const BUCKET = 'jobs'

/** A bucket in which jobs leave files for one another. */
export interface JobsBucket extends AsyncDisposable {
  readonly kit: Testkit
  /**
   * Puts the folders `plan` and `shards` of a stage into the bucket, and brings them into two folders of those names as
   * the last job does; gives the folder that holds both, which the caller removes.
   */
  brought(stage: string, index: PlanIndex): Promise<string>
}

/** The doors of a run onto real services and this machine's files. */
export const portsOfJobs = (): Ports =>
  openPorts(scriptedHost({ env: { RUNNER_TEMP: os.tmpdir() } }))

/** Who has these keys. */
export const sessionOf = (keys: {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}): Session => ({
  facts: { source: 'inputs' },
  credentials: async () => keys,
  reject: () => {},
  refreshAtMs: () => undefined,
})

/** Opens it, with the doors of a run onto it. */
export async function openJobsBucket(): Promise<JobsBucket> {
  const kit = await startTestkit({ pageKeys: 3 })
  kit.store.createBucket(BUCKET)
  const ports = portsOfJobs()
  const session = sessionOf(kit.iam.admin)
  let prefixes = 0
  return {
    kit,
    brought: async (stage, index) => {
      const prefix = `${++prefixes}/`
      await putFiles(kit, path.join(stage, 'plan'), `${prefix}plan/`)
      await putFiles(kit, path.join(stage, 'shards'), `${prefix}shards/${index.planId}/`)
      const shards: BucketFolder = { bucket: BUCKET, prefix: `${prefix}shards/` }
      const request = await read({
        mode: 'finish',
        'plan-dir': `s3://${BUCKET}/${prefix}plan/`,
        'shards-dir': `s3://${BUCKET}/${prefix}shards/`,
        'endpoint-url': kit.endpoint,
        'aws-region': 'us-east-1',
      })
      const into = await mkdtemp(path.join(os.tmpdir(), 'brought-'))
      const run = newRun(ports)
      const { signal } = new AbortController()
      const planDir = await planDirOf(run, request, { session, deadline: signal })
      for (const file of [INDEX_FILE, ...index.parts.map((part) => part.file), index.finish.file])
        await planDir.bring(file, bytesOf())
      await localFiles.rename(planDir.path, path.join(into, 'plan'))
      const asked = { folder: shards, request, session, signal }
      await fetchShards(asked, index, path.join(into, 'shards'), ports)
      return into
    },
    [Symbol.asyncDispose]: () => kit.close(),
  }
}

async function putFiles({ store }: Testkit, folder: string, prefix: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const name = path.relative(folder, file).replaceAll('\\', '/')
    store.put(BUCKET, prefix + name, { body: await readFile(file) })
  }
}

/** Removes what was brought. */
export const forget = (folder: string): Promise<void> => rm(folder, { recursive: true })
