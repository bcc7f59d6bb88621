// What the last of several jobs reads: `npm run bench:finish -- 1e7 64` writes so many rows as so many shards leave them,
// and prints what it takes to check and merge them, and to write the rows and the totals of the whole.
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { localFiles as files } from '../src/adapters/files.ts'
import { addRows, type HandedRows, type MergedRows, mergeRows } from '../src/ledger/handed-rows.ts'
import { OutcomeTotals } from '../src/ledger/totals.ts'
import { RowSum } from '../src/model/row-sum.ts'

const [rows, shards] = [Number(process.argv[2] ?? 1e7), Number(process.argv[3] ?? 64)]
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Most of them done, a few not, as they come. */
function rowAt(at: number): string {
  const name = `year=2026/month=${at % 12}/part-${String(at).padStart(9, '0')}.parquet`
  const end =
    at % 1000 === 0
      ? '"status":"failed","engine":"direct","attempts":4,"code":"SlowDown","message":"Reduce your request rate."'
      : '"status":"done","engine":"direct","route":"approved-plan","attempts":1,"seconds":0.051,"proof":"etag"'
  return `{"op":"copy","key":"data/${name}","to":"copy/${name}","size":${at % 100_000},${end}}`
}

/** In a process of its own, so that the memory of the other one is that of reading. */
async function write(folder: string): Promise<void> {
  const handed: HandedRows[] = []
  for (let shard = 0; shard < shards; shard++) {
    const file = path.join(folder, `results-${shard}.ndjson`)
    const writer = await files.writer(file)
    const sum = new RowSum()
    for (let at = shard; at < rows; at += shards) {
      const line = rowAt(at)
      sum.add(line)
      await writer.write(line)
    }
    await writer.close()
    handed.push({ name: `${shard}`, path: file, sum: sum.digest })
  }
  await files.writeText(path.join(folder, 'handed.json'), JSON.stringify(handed))
}

const [, , , , folderToFill] = process.argv
if (folderToFill !== undefined) {
  await write(folderToFill)
  process.exit(0)
}

const folder = await mkdtemp(path.join(tmpdir(), 'finish-'))
try {
  execFileSync(process.execPath, [import.meta.filename, `${rows}`, `${shards}`, folder])
  const handed: HandedRows[] = JSON.parse(await files.readText(path.join(folder, 'handed.json')))
  const [beganMs, cpu] = [Date.now(), cpuSeconds()]
  const all = new OutcomeTotals()
  const merged: MergedRows[] = []
  let most = 0
  for (const one of handed) {
    await files.sha256(one.path)
    const signal = new AbortController().signal
    const found = await mergeRows(one, { files, folder, sourcePrefix: 'data/', signal })
    if (typeof found === 'string') throw new Error(found)
    merged.push(found)
    all.merge(found.totals)
    most = Math.max(most, process.memoryUsage.rss())
  }
  const [results, failed] = [path.join(folder, 'results'), path.join(folder, 'failed')]
  await addRows(merged, {
    files,
    paths: { results, failed },
    onReplaced: () => undefined,
    isLate: () => false,
  })
  const { done, failed: lost } = all.status
  console.log(
    `${done.objects} done, ${lost.objects} failed of ${rows} rows in ${shards} shards: ${((Date.now() - beganMs) / 1000).toFixed(1)} s, ${(cpuSeconds() - cpu).toFixed(1)} s of a core, ${(most / 1e6).toFixed(0)} MB at most`,
  )
} finally {
  await rm(folder, { recursive: true })
}
