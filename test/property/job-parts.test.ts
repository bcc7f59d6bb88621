import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JobRequest, jobRow, leftBecause } from '../../src/model/batch-job.ts'
import type { CopyOp, Op } from '../../src/model/op.ts'
import { visibleJson } from '../../src/model/safe.ts'
import { cutPlan } from '../../src/plan/cut.ts'
import { memoryFiles } from '../memory-files.ts'
import { copyOf, deleteOf, headerFor, planOf } from '../shard-fixture.ts'

const RUNS = Number(process.env['N'] ?? 50)
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const REQUEST: JobRequest = {
  ...{ roleArn: 'arn:aws:iam::123456789012:role/batch', bucket: 'lists', prefix: 'p' },
  ...{ priority: 10, confirm: false },
}
const copies = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 6 }),
    size: fc.constantFrom(0, 1, 5e9, 5e9 + 1, 2 ** 40),
    renamed: fc.boolean(),
    archived: fc.boolean(),
    version: fc.constantFrom(undefined, undefined, 'v1', 'v,2'),
    wave: fc.constantFrom(0, 0, 0, 1),
  }),
  { selector: ({ name }) => name, maxLength: 25 },
)

describe('a plan that is handed over', () => {
  it('is the copies of the job, of the parts and of the last job, each once; the list holds those of the job', async () => {
    const plans = fc.record({ copies, parts: fc.integer({ min: 1, max: 5 }) })
    await fc.assert(
      fc.asyncProperty(plans, async ({ copies: drawn, parts }) => {
        const ops: Op[] = drawn
          .toSorted((a, b) => byBytes(a.name, b.name))
          .map(
            ({ name, size, renamed, archived, version, wave }): CopyOp => ({
              ...copyOf(name, size, wave),
              to: renamed ? `copy/${name}` : `copy/data/${name}`,
              ...(archived ? { archived: true as const } : {}),
              ...(version === undefined ? {} : { versionId: version }),
            }),
          )
        ops.push(deleteOf('~extra'))
        const files = memoryFiles()
        const plan = await planOf(files, '/w', ops, { header: headerFor('x'), waves: 2 })
        const index = await cutPlan(files, '/p', plan, {
          ...{ parts, streamed: false, refused: undefined },
          job: { request: REQUEST, head: 'copy/', bucket: 'src' },
        })
        const linesOf = async (file: string): Promise<string[]> => {
          const lines: string[] = []
          for await (const line of files.lines(`/p/${file}`)) lines.push(line)
          return lines
        }
        const opLines = async (file: string) =>
          (await linesOf(file)).filter((line) => line.startsWith('{"op":'))
        const ofJob = await opLines('batch-operations.ndjson')
        const others = await Promise.all(
          [...index.parts, index.finish].map(({ file }) => opLines(file)),
        )
        expect([...ofJob, ...others.flat()].toSorted()).toEqual(
          ops.map((op) => visibleJson(op)).toSorted(),
        )
        const made = ofJob.map((line) => JSON.parse(line) as CopyOp)
        const versions = index.job?.versions ?? false
        const rules = { head: 'copy/', versions }
        expect(made.every((op) => !op.wave && leftBecause(op, rules) === undefined)).toBe(true)
        const left = others.slice(0, -1).flat()
        expect(left.every((line) => leftBecause(JSON.parse(line), rules) !== undefined)).toBe(true)
        const told = Object.values(index.job?.left ?? {}).reduce((n, { objects }) => n + objects, 0)
        expect(told).toBe(left.length)
        if (made.length > 0)
          expect(await linesOf('batch-operations.csv')).toEqual(made.map((op) => jobRow('src', op)))
      }),
      { numRuns: RUNS },
    )
  })
})
