import type { ManifestFormat } from '../../model/manifest.ts'

const ENDINGS: readonly (readonly [ending: string, ManifestFormat])[] = [
  ['.batch.csv', 'batch'],
  ['.csv', 'csv'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
  ['.keys0', 'keys0'],
]

/** Names of files that are no list as they are. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\.(?:gz|zip|zst|bz2|xz)$/, 'it is compressed: decompress it first'],
  [/\.(?:parquet|orc|avro|xlsx?)$/, 'this file format is not supported: use .csv or .ndjson'],
  [/\.json$/, 'a JSON document is not a list of rows: write one JSON object per line, as .ndjson'],
  [/\.(?:ya?ml|tsv)$/, 'this file format is not supported: use .csv or .ndjson'],
]

/** In lower case: a `.CSV` is no plain list. */
const nameOf = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase()

/** How the rows of a file are written, by its name alone; or why no file of that name is read. */
export function formatOf(path: string): ManifestFormat | { readonly problem: string } {
  const name = nameOf(path)
  if (name === 'manifest.json') return 'inventory'
  const found = ENDINGS.find(([ending]) => name.endsWith(ending))
  if (found) return found[1]
  const problem = REFUSED.find(([ending]) => ending.test(name))?.[1]
  return problem === undefined ? 'keys' : { problem }
}
