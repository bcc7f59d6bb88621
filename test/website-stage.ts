import { rm } from 'node:fs/promises'
import { expect } from 'vitest'
import { type LocalStage, openLocalStage } from './local-stage.ts'
import { serveSite, siteOf } from './site.ts'

type Inputs = Readonly<Record<string, string>>

/** A website whose versions are built into one folder, published from there, and served from the bucket. */
export interface WebsiteStage extends AsyncDisposable {
  readonly stage: LocalStage
  readonly url: string
  /** Builds a version where the one before was, and publishes it. */
  deploy(version: number, inputs: Inputs): Promise<void>
  /** From now on whatever is written or deleted is answered when somebody looked at the site that it left. */
  lookAround(look: () => Promise<unknown>): void
}

const CHANGES: ReadonlySet<string> = new Set([
  'PutObject',
  'CompleteMultipartUpload',
  'DeleteObjects',
  'DeleteObject',
])

/**
 * From one deploy to the next, by the clock of the service: as long as it took, within bounds that `delete-after` lies
 * between the sum of two of and one of. So hundreds of deploys keep near to the runner's clock.
 */
const BETWEEN_MS = { least: 3000, most: 4000 } as const

/** Assets go first, and outlive the next two deploys. */
export const GENTLY = { waves: 'website', delete: 'true', 'delete-after': '5s' } as const

/** Opens a stage with an empty bucket. */
export async function openWebsite(): Promise<WebsiteStage> {
  let nowMs = Date.now()
  let lastMs = nowMs
  const stage = await openLocalStage('workspace', { now: () => nowMs })
  const { store, faults } = stage.stage.kit
  const site = await serveSite(async (key) => {
    const body = store.bytes('dst', `copy/${key}`)
    const type = store.facts('dst', `copy/${key}`)?.headers['content-type'] ?? ''
    return body && { type, body }
  })
  return {
    stage,
    url: site.url,
    deploy: async (version, inputs) => {
      const tookMs = Date.now() - lastMs
      nowMs += Math.min(Math.max(tookMs, BETWEEN_MS.least), BETWEEN_MS.most)
      lastMs = Date.now()
      await rm(stage.path(), { recursive: true, force: true })
      for (const [name, content] of Object.entries(siteOf(version))) await stage.put(name, content)
      await using run = await stage.publish(inputs)
      expect(run.outputs, run.log).toMatchObject({ result: 'success', failed: '0' })
    },
    lookAround: (look) =>
      faults.add({
        match: ({ bucket, operation }) => bucket === 'dst' && CHANGES.has(operation),
        fault: async (_request, next) => {
          const reply = await next()
          await look()
          return reply
        },
      }),
    [Symbol.asyncDispose]: async () => {
      await site.close()
      await stage[Symbol.asyncDispose]()
    },
  }
}
