import { hash } from 'node:crypto'
import { expect } from 'vitest'
import type { ManifestFormat } from '../src/model/manifest.ts'
import type { Files } from '../src/ports.ts'
import { readManifest } from '../src/storage/manifest/read.ts'
import type { RowPlaces } from '../src/storage/manifest/row.ts'
import { memoryFiles } from './memory-files.ts'

/** Both sides of the rows of a test. */
export const PLACES: RowPlaces = {
  source: { bucket: 'src', prefix: 'data/' },
  destination: { bucket: 'dst', prefix: 'copy/', isSameService: true },
}

/** The manifest as a test has it, and as the run keeps it for itself. */
const GIVEN = '/list'
const KEPT = '/rows/manifest'

/** Files in memory of which one is a manifest, that is read in pieces of so many bytes. */
export function manifestFiles(bytes: Uint8Array, pieceBytes = 7) {
  const files = memoryFiles()
  const kept: Uint8Array[] = []
  let readings = 0
  const all: Files = {
    ...files,
    kindOf: async (path) => (path === GIVEN ? 'file' : files.kindOf(path)),
    realPath: async (path) => path,
    writer: async (path, mode) =>
      path === KEPT
        ? {
            write: () => undefined,
            append: async (piece) => void kept.push(piece),
            appendFile: async () => {},
            close: async () => {},
          }
        : files.writer(path, mode),
    async *chunks(path) {
      if (path === GIVEN) {
        readings++
        return yield bytes
      }
      if (path !== KEPT) return yield* files.chunks(path)
      const whole = Buffer.concat(kept)
      for (let at = 0; at < whole.length; at += pieceBytes)
        yield whole.subarray(at, at + pieceBytes)
    },
    sha256: async (path) => {
      expect(path).toBe(KEPT)
      return hash('sha256', Buffer.concat(kept))
    },
  }
  return { ...all, texts: files.texts, readings: () => readings }
}

/** Reads the rows of each bucket of a manifest of these bytes, as one of such a name would be. */
export async function readBuckets(
  bytes: Uint8Array | string,
  format: ManifestFormat,
  { places = PLACES, pieceBytes = 7 }: { places?: RowPlaces; pieceBytes?: number } = {},
) {
  const files = manifestFiles(Buffer.from(bytes as Uint8Array), pieceBytes)
  const manifests = await readManifest(
    { name: 'list', address: { path: GIVEN }, format, missing: 'fail' },
    places,
    {
      files,
      folder: '/rows',
      store: undefined,
      timeoutMs: 1000,
      signal: new AbortController().signal,
      workspace: '',
    },
  )
  return manifests.map((manifest) => {
    const lines = (files.texts.get(manifest.path) ?? '').split('\n').slice(0, -1)
    return { manifest, files, rows: lines.map((line) => JSON.parse(line)) }
  })
}

/** The same of one that is of a single bucket. */
export async function readBytes(...asked: Parameters<typeof readBuckets>) {
  const [only, ...others] = await readBuckets(...asked)
  expect(others).toEqual([])
  if (!only) throw new Error('It has no rows, and no source.')
  return only
}
