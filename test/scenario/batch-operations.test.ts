import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  creationIn,
  leaveReport,
  listIn,
  type ReportOptions,
  reportFiles,
  type Task,
} from 's3-direct-sync-testkit/batch-job.ts'
import { describe, expect, it } from 'vitest'
import { openShardStage, rowsOf, type ShardStage } from './shard-stage.ts'

const ROLE = 'arn:aws:iam::123456789012:role/batch'
const JOB = `1,batch-role=${ROLE},batch-bucket=lists`
const PLACES = { source: 's3://src/data/', destination: 's3://dst/data/' }

const bodies = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`data/${name}`, `body of ${name}`]))
const NAMES = ['a', 'b c', 'd+e', 'f%20g', 'h,"i"', 'ü/j', 'k']

/** Does as the service does: copies what its list names, whatever that is by now. Gives how each task ended. */
async function runJob({ stage, planDir }: ShardStage): Promise<Task[]> {
  const { store } = stage.kit
  const creation = await creationIn(planDir)
  const { TargetKeyPrefix } = creation.Operation.S3PutObjectCopy
  const tasks: Task[] = []
  for (const one of await listIn(planDir)) {
    const body = store.bytes(one.bucket, one.key)
    const key = TargetKeyPrefix === undefined ? one.key : `${TargetKeyPrefix}/${one.key}`
    if (body) store.put('dst', key, { body, lastModifiedMs: Date.now() })
    tasks.push(body ? one : { ...one, failed: 'NoSuchKey' })
  }
  return tasks
}

const report = (scene: ShardStage, tasks: readonly Task[]) =>
  leaveReport(join(scene.shardsDir, 'report'), scene.planDir, tasks)

/** A plan that is handed over, and its job run. */
async function jobDone(inputs: Readonly<Record<string, string>> = {}) {
  const scene = await openShardStage({ ...PLACES, ...inputs })
  scene.put('src', bodies(NAMES), 120)
  scene.put('dst', { 'data/a': 'older', 'data/old': 'extra' }, 60 * 60)
  await scene.plan(JOB)
  return { scene, tasks: await runJob(scene) }
}

describe('a plan that is handed to S3 Batch Operations', () => {
  it('ends as one runner would end it, with what the job cannot do done by a shard', async () => {
    await using scene = await openShardStage({
      ...{ source: 's3://src/data/', destination: 's3://dst/all/data/', delete: 'true' },
    })
    scene.put('src', bodies(NAMES), 60)
    scene.stage.kit.store.put('src', 'data/frozen', { body: 'cold', storageClass: 'GLACIER' })
    scene.put('dst', { 'all/data/old': 'extra', 'all/data/k': 'body of k' }, 30)
    await scene.plan(JOB)
    expect((await listIn(scene.planDir)).map(({ key }) => key)).toEqual(
      NAMES.filter((name) => name !== 'k')
        .map((name) => `data/${name}`)
        .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    const policy = JSON.parse(
      await readFile(join(scene.planDir, 'batch-role-policy.json'), 'utf8'),
    ) as { Statement: { Sid: string; Action: string[]; Resource: string[] }[] }
    const lists = `arn:aws:s3:::lists/s3-direct-sync/${scene.planId()}/*`
    expect(policy.Statement.map(({ Sid, Resource: [on] }) => `${Sid} ${on}`)).toEqual([
      `RequiredList ${lists}`,
      `RequiredReport ${lists}`,
      'RequiredSourceRead arn:aws:s3:::src/data/*',
      'RequiredDestinationWrite arn:aws:s3:::dst/all/data/*',
      'RequiredDestinationTags arn:aws:s3:::dst/all/data/*',
    ])
    expect(policy.Statement[2]?.Action).toEqual(['s3:GetObject', 's3:GetObjectTagging'])
    await report(scene, await runJob(scene))
    await using early = await scene.finish()
    expect(early.outputs, early.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '6', deleted: '0' },
    })
    expect(early.outputs['failure-message']).toContain('shard 1: its files were not found')
    await using part = await scene.execute(1)
    expect(part.outputs, part.stdout).toMatchObject({ 'planned-copies': '1', failed: '1' })
    await using held = await scene.finish({ 'plan-id': scene.planId() })
    // The one that is archived fails, and so nothing is deleted.
    expect(held.outputs, held.stdout).toMatchObject({
      ...{ result: 'partial', copied: '6', failed: '2', deleted: '0', unknown: '0' },
      ...{ 'planned-copies': '7' },
    })
    expect(await rowsOf(held)).toMatchObject({ 'all/data/ü/j': 'copy done' })
  })

  it('has no job where there is nothing to copy, and says why', async () => {
    await using scene = await openShardStage(PLACES)
    scene.put('src', { 'data/a': 'same', 'data/cold': 'cold' }, 120)
    scene.put('dst', { 'data/a': 'same', 'data/cold': 'cold' }, 60)
    const planned = () => scene.stage.run({ ...PLACES, mode: 'plan', shard: JOB })
    await using nothing = await planned()
    expect(nothing.stdout).toContain('There is nothing to copy, so there is no job for S3 Batch')
    scene.stage.kit.store.put('src', 'data/cold', { body: 'new', storageClass: 'GLACIER' })
    await using left = await planned()
    expect(left.stdout).toContain('S3 Batch Operations can copy none of the objects. In the parts')
  })

  it('is done, proven and cleaned up where the job did all of it', async () => {
    const { scene, tasks } = await jobDone({ delete: 'true' })
    await using _scene = scene
    await report(scene, tasks)
    // No runner carries out the one part, which has no copies.
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'success', copied: '7', deleted: '1', failed: '0', unknown: '0' },
    })
    const told = JSON.parse(await readFile(ended.outputs['report-path'] ?? '', 'utf8'))
    expect(told.verification).toMatchObject({ checked: 7 })
    expect(told.routes).toEqual({ 'batch-operations': 7 })
    const summary = await readFile(ended.outputs['summary-path'] ?? '', 'utf8')
    expect(summary).toContain('7 reported')
    expect(summary).toContain('reported by S3 Batch Operations')
    expect(Object.keys(scene.held())).not.toContain('data/old')
  })

  it('is ended by the report where S3 left it, with no file fetched by hand', async () => {
    const { scene, tasks } = await jobDone({ delete: 'true' })
    await using _scene = scene
    const { store } = scene.stage.kit
    store.createBucket('lists')
    const there = { 'shards-dir': 's3://lists/s3-direct-sync/' }
    const creation = await creationIn(scene.planDir)
    const leave = (after?: (csv: string) => string) => {
      for (const [path, body] of reportFiles(creation, tasks, after ? { after } : {}))
        store.put('lists', `${creation.Report.Prefix}/${path}`, { body })
    }
    leave((csv) => csv.slice(0, csv.length / 2))
    await using early = await scene.finish(there)
    expect(early.outputs, early.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '7', deleted: '0' },
    })
    leave()
    // The one part has no copies; who carries it out all the same leaves its files beside the report.
    await using part = await scene.execute(1, there)
    expect(part.outputs['result'], part.stdout).toBe('nothing-to-do')
    await using ended = await scene.finish(there)
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'success', copied: '7', deleted: '1', failed: '0', unknown: '0' },
    })
    const told = JSON.parse(await readFile(ended.outputs['report-path'] ?? '', 'utf8'))
    expect(told.routes).toEqual({ 'batch-operations': 7 })
  })

  it('fails with the cause of each task that failed, and looks at the objects whose rows are lost', async () => {
    const { scene, tasks } = await jobDone({ delete: 'true' })
    await using _scene = scene
    for (const key of ['data/k', 'data/ü/j']) scene.stage.kit.store.delete('dst', key)
    const told = tasks
      .filter(({ key }) => key !== 'data/ü/j' && key !== 'data/b c')
      .map((task) => (task.key === 'data/k' ? { ...task, failed: 'AccessDenied' } : task))
    await report(scene, told)
    await scene.executeAll()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'partial', copied: '5', unknown: '1', deleted: '0' },
    })
    expect(await rowsOf(ended)).toMatchObject({
      ...{ 'data/k': 'copy failed AccessDenied', 'data/ü/j': 'copy unknown LostShard' },
      'data/b c': 'copy done',
    })
  })

  it('does not take for copied what the job says and the destination does not show', async () => {
    const { scene, tasks } = await jobDone()
    await using _scene = scene
    const { store } = scene.stage.kit
    store.delete('dst', 'data/k')
    // The source changed before the job came to it.
    store.put('src', 'data/d+e', { body: 'BODY of d+e' })
    store.put('dst', 'data/d+e', { body: 'BODY of d+e' })
    // What stood there before still does.
    store.put('dst', 'data/a', { body: 'older' })
    await report(scene, tasks)
    await scene.executeAll()
    await using ended = await scene.finish()
    expect(await rowsOf(ended), ended.stdout).toMatchObject({
      'data/k': 'copy failed NotVerified',
      'data/d+e': 'copy failed SourceChanged',
      'data/a': 'copy failed NotVerified',
      'data/b c': 'copy done',
    })
    expect(ended.outputs).toMatchObject({ result: 'partial', copied: '4', failed: '3' })
  })

  it('is lost where its report is not believed: only what is proven counts, and nothing is deleted', async () => {
    const { scene, tasks } = await jobDone({ delete: 'true' })
    await using _scene = scene
    scene.stage.kit.store.delete('dst', 'data/k')
    const foreign = { bucket: 'src', key: 'data/foreign', versionId: undefined }
    await report(scene, [...tasks, foreign])
    await scene.executeAll()
    await using ended = await scene.finish()
    expect(ended.outputs, ended.stdout).toMatchObject({
      ...{ result: 'partial', 'failure-kind': 'lost-shard', copied: '6', unknown: '1' },
      deleted: '0',
    })
    expect(ended.outputs['failure-message']).toContain('the job of S3 Batch Operations')
    expect(ended.outputs['failure-message']).toContain('not in the plan')
    expect(await rowsOf(ended)).toMatchObject({ 'data/k': 'copy unknown LostShard' })
  })

  it('never ends as success where its report was changed, or an object of it is not there', async () => {
    const { scene, tasks } = await jobDone({ delete: 'true' })
    await using _scene = scene
    scene.stage.kit.store.delete('dst', 'data/k')
    const failing = tasks.map((one) =>
      one.key === 'data/k' ? { ...one, failed: 'SlowDown' } : one,
    )
    const swapped = 'Key, Bucket, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage'
    const faults: readonly (readonly [string, readonly Task[], ReportOptions])[] = [
      ['done', tasks, {}],
      ['failed', failing, {}],
      ['rows lost', tasks.filter(({ key }) => key !== 'data/k'), {}],
      ['all rows lost', [], {}],
      ['doubled', [...tasks, ...failing], {}],
      ['swapped columns', tasks, { schema: swapped }],
      ['cut off', tasks, { after: (csv) => csv.slice(0, -20) }],
      ['cut off, and summed anew', tasks, { before: (csv) => csv.slice(0, -20) }],
      ['of another plan', tasks, { folder: `s3-direct-sync/${'0'.repeat(64)}` }],
    ]
    for (const [what, told, options] of faults) {
      await rm(join(scene.shardsDir, 'report'), { recursive: true, force: true })
      await leaveReport(join(scene.shardsDir, 'report'), scene.planDir, told, options)
      await using ended = await scene.finish()
      expect(ended.outputs, what).toMatchObject({ result: 'partial', copied: '6', deleted: '0' })
      expect(ended.exitCode, what).toBe(1)
    }
  })

  it('is refused where the copies that were handed over are not those of the plan any more', async () => {
    const { scene } = await jobDone()
    await using _scene = scene
    const part = join(scene.planDir, 'batch-operations.ndjson')
    await writeFile(part, (await readFile(part, 'utf8')).replace('"size":9', '"size":8'))
    await using refused = await scene.finish()
    expect(refused.outputs, refused.stdout).toMatchObject({ 'failure-kind': 'guard' })
  })
})

describe('a hand-off', () => {
  it('takes the place of an earlier one in its report folder', async () => {
    await using scene = await openShardStage(PLACES)
    scene.put('src', bodies(['a', 'b']))
    const folder = join(scene.shardsDir, '..', 'own')
    const inputs = { ...PLACES, mode: 'plan', shard: JOB, 'report-dir': folder }
    await using first = await scene.stage.run(inputs)
    expect(first.exitCode, first.stdout).toBe(0)
    expect(first.stdout).toContain('2 objects')
    scene.put('src', bodies(['c']))
    await using second = await scene.stage.run(inputs)
    expect(second.exitCode, second.stdout).toBe(0)
    expect(await listIn(join(folder, 'plan'))).toHaveLength(3)
  })
})

describe('a hand-off is refused', () => {
  it('where a guard refuses the plan, as no job judges it once more', async () => {
    await using scene = await openShardStage(PLACES)
    scene.put('src', bodies(['a']))
    scene.put('dst', bodies(['x', 'y', 'z']))
    await scene.plan(JOB, { delete: 'true', 'max-delete': '2' })
    await expect(readFile(join(scene.planDir, 'create-job.json'))).rejects.toThrow('ENOENT')
    await scene.plan(JOB, { delete: 'true', 'max-delete': '1000 100%' })
    expect(await listIn(scene.planDir)).toHaveLength(1)
  })

  it('with every reason at once, before anything is handed over', async () => {
    await using scene = await openShardStage({ source: 's3://src/data/' })
    scene.put('src', bodies(['a']))
    await using ran = await scene.stage.run({
      ...{ destination: 's3://dst/copy/', tags: 'drop', mode: 'plan', shard: JOB },
    })
    expect(ran.exitCode, ran.stdout).toBe(1)
    expect(ran.stdout).toContain('keeps whole keys')
    expect(ran.stdout).toContain('remove tags: drop')
  })
})
