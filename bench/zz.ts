import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { startListing } from './listing.ts'
import { ours } from './planners.ts'
const [keys, latency, rounds, ...builds] = process.argv.slice(2)
await using job = await openJob()
const w = await startListing(['flat', 1000, 0]); for (const b of builds) await ours(job, b, b).run(w.endpoint); w.close()
for (const shape of (process.env['SHAPES'] ?? 'folders').split(' ')) {
  const server = await startListing([shape, Number(keys), Number(latency)])
  for (let r = 0; r < Number(rounds); r++) for (const b of builds) {
    const m = await ours(job, b, b).run(server.endpoint)
    console.log(shape, keys, b.replace(/.*\/(\S+)\/index.js/, '$1'), m.seconds.toFixed(2), 's', (m.cpuSeconds / (2 * Number(keys)) * 1e6).toFixed(2), 'ms/1000', m.peakMegabytes.toFixed(0), 'MB')
  }
  server.close()
}
