// What a manifest costs that names every object of a bucket: `npm run bench:manifest -- 1e6` runs the built action where
// both sides are alike already, and prints how long that takes, what was asked, and the most memory that it held.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openStage } from 's3-direct-sync-testkit/stage.ts'
import { localFiles } from '../src/adapters/files.ts'
import type { Report } from '../src/model/report.ts'

const rows = Number(process.argv[2] ?? 1e6)
const ETAG = '0123456789abcdef0123456789abcdef'

await using stage = await openStage()
const folder = await mkdtemp(path.join(tmpdir(), 'manifest-'))
try {
  const manifest = path.join(folder, 'list.ndjson')
  const writer = await localFiles.writer(manifest)
  for (let at = 0; at < rows; at++) {
    const key = `year=2026/part-${String(at).padStart(9, '0')}.parquet`
    const object = { size: 1, etag: ETAG, lastModifiedMs: 0 }
    stage.kit.store.put('src', `data/${key}`, object)
    stage.kit.store.put('dst', `copy/${key}`, object)
    await writer.write(JSON.stringify({ key, size: 1, etag: ETAG }))
  }
  await writer.close()
  stage.kit.counters.reset()
  await using run = await stage.run({ manifest }, { timeoutMs: 600_000 })
  const report: Report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
  const { of } = stage.kit.counters
  console.log(
    [
      `${rows} rows: ${run.outputs['result']}`,
      `${run.outputs['duration-seconds']} s`,
      `${Math.round(report.peakMemoryBytes / 2 ** 20)} MiB at most`,
      report.stages.map(({ stage: name, seconds }) => `${name} ${seconds} s`).join(' '),
      `${of('ListObjectsV2')} LIST, ${of('HeadObject')} HEAD`,
    ].join(', '),
  )
} finally {
  await rm(folder, { recursive: true })
}
