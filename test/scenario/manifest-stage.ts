import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'

/** A stage, and a folder beside it for lists. */
export interface ManifestStage extends AsyncDisposable {
  readonly stage: Stage
  readonly folder: string
  /** Puts objects whose body is told by the last segment of their keys. */
  put(bucket: string, ...keys: readonly string[]): void
  /** Writes a list, and gives its absolute path. */
  list(name: string, text: string): Promise<string>
}

/** Opens both; disposing of it removes both. */
export async function openManifestStage(): Promise<ManifestStage> {
  const stage = await openStage()
  const folder = await mkdtemp(join(tmpdir(), 'manifest-'))
  return {
    stage,
    folder,
    put: (bucket, ...keys) => {
      for (const key of keys)
        stage.kit.store.put(bucket, key, { body: `body of ${key.split('/').at(-1)}` })
    },
    list: async (name, text) => {
      const path = join(folder, name)
      await writeFile(path, text)
      return path
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
