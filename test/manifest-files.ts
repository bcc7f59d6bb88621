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

/** Files in memory of which one is a manifest, in pieces of so many bytes. */
export function manifestFiles(bytes: Uint8Array, pieceBytes = 7) {
  const files = memoryFiles()
  const all: Files = {
    ...files,
    kindOf: async (path) => (path === '/list' ? 'file' : files.kindOf(path)),
    realPath: async (path) => path,
    async *chunks(path) {
      if (path !== '/list') return yield* files.chunks(path)
      for (let at = 0; at < bytes.length; at += pieceBytes)
        yield bytes.subarray(at, at + pieceBytes)
    },
  }
  return { ...all, texts: files.texts }
}

/** Reads a manifest of these bytes, as one of such a name would be. */
export async function readBytes(
  bytes: Uint8Array | string,
  format: ManifestFormat,
  { places = PLACES, pieceBytes = 7 }: { places?: RowPlaces; pieceBytes?: number } = {},
) {
  const files = manifestFiles(Buffer.from(bytes as Uint8Array), pieceBytes)
  const manifest = await readManifest(
    { name: 'list', address: { path: '/list' }, format, missing: 'fail' },
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
  const lines = (files.texts.get(manifest.path) ?? '').split('\n').slice(0, -1)
  return { manifest, files, rows: lines.map((line) => JSON.parse(line)) }
}
