// Serves a filled source bucket on loopback: for a workflow `node testkit/serve.ts FILE [OBJECTS]` writes what a step needs,
// as name=value lines, into FILE; for a person `npm run serve` prints what a shell needs.
import { renameSync, writeFileSync } from 'node:fs'
import { startTestkit } from './testkit.ts'

const USUAL_OBJECTS = 300
const LIFE_MS = 20 * 60_000

const [file, asked] = process.argv.slice(2)
const objects = asked === undefined ? USUAL_OBJECTS : Number(asked)

// It outlives the step that starts it, and that step's terminal where there is one.
process.on('SIGHUP', () => {})

const testkit = await startTestkit()
for (let n = 0; n < objects; n++) {
  const key = `data/${n % 7}/object-${n}.bin`
  testkit.store.put('source', key, { size: 1 + n * 100, seed: n })
}
testkit.store.createBucket('destination')

const { accessKeyId, secretAccessKey } = testkit.iam.admin
const values = {
  endpoint: testkit.endpoint,
  'access-key-id': accessKeyId,
  'secret-access-key': secretAccessKey,
  source: 's3://source/data/',
  destination: 's3://destination/copy/',
  objects,
}
if (file === undefined) {
  const env = `AWS_ENDPOINT_URL=${testkit.endpoint} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`
  console.log(
    `A local S3 server, for 20 minutes or until Ctrl-C. In another terminal:\n\nexport ${env}\nnpm run sync -- --source ${values.source} --destination ${values.destination} --dry-run`,
  )
} else {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`)
  // Whoever waits for the file must not read half of it.
  writeFileSync(`${file}.part`, lines.join(''))
  renameSync(`${file}.part`, file)
}
// A job that forgets the server must not find it hours later.
setTimeout(() => process.exit(), LIFE_MS)
