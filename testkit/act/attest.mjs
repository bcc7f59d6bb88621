// Stands for actions/attest: reads its subjects as it does, and writes their names and digests down instead of signing them.
import { createHash } from 'node:crypto'
import { appendFileSync, globSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

const MOST_BYTES = 512 * 1024
const MOST_SUBJECTS = 1024
const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()

function refuse(message) {
  console.log(`::error::${message}`)
  process.exit(1)
}

/** Lines of `sha256sum`: those without a blank are passed over, and one that begins with a backslash is none. */
function checksums(file) {
  if (statSync(file).size > MOST_BYTES)
    refuse(`Checksums file exceeds maximum size: ${MOST_BYTES} bytes`)
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(' '))
    .map((line) => {
      const [digest, ...rest] = line.split(' ')
      if (!/^(?:[0-9a-f]{64}|[0-9a-f]{128})$/i.test(digest)) refuse(`Invalid digest: ${digest}`)
      return { name: rest.join(' ').slice(1), digest }
    })
}

function files(patterns) {
  const found = patterns.flatMap((pattern) => globSync(pattern)).filter((f) => statSync(f).isFile())
  return found.map((file) => ({
    name: path.basename(file),
    digest: createHash('sha256').update(readFileSync(file)).digest('hex'),
  }))
}

const given = ['subject-path', 'subject-digest', 'subject-checksums'].filter((name) => input(name))
if (given.length !== 1)
  refuse('One of subject-path, subject-digest, or subject-checksums must be provided')
if (!process.env['ACTIONS_ID_TOKEN_REQUEST_URL'])
  refuse(
    'missing "id-token" permission. Please add "permissions: id-token: write" to your workflow.',
  )
const [how] = given
const subjects =
  how === 'subject-path'
    ? files(input('subject-path').split('\n'))
    : how === 'subject-checksums'
      ? checksums(input('subject-checksums'))
      : [{ name: input('subject-name'), digest: input('subject-digest') }]
if (subjects.length === 0) refuse(`Could not find subject at path ${input(how)}`)
if (subjects.length > MOST_SUBJECTS)
  refuse(`Too many subjects specified. The maximum number of subjects is ${MOST_SUBJECTS}.`)
for (const subject of subjects)
  appendFileSync(process.env['ATTESTED'], `${JSON.stringify(subject)}\n`)
