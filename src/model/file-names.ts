import { hash } from 'node:crypto'
import { windowsRefusesName } from './windows-names.ts'

/** What names a disk keeps, and which of them it takes for one. */
export interface NameRules {
  /** As Node names it. */
  readonly platform: string
  /** Whether names that differ in case alone are one. */
  readonly ignoresCase: boolean
  /** Bytes of the path of the folder, without a separator behind it. */
  readonly rootBytes: number
}

/** Most file systems keep names of so many bytes; those of Windows and macOS count otherwise, and keep no fewer letters. */
const MOST_NAME_BYTES = 255
/** Of a whole path. Windows has room for 32,767 units, which no key fills. */
const MOST_PATH_BYTES: Readonly<Record<string, number>> = { darwin: 1023, linux: 4095 }

const TEMPORARY = /^\..*\.s3-direct-sync-[0-9a-f]{8}\.tmp$/s

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')

/** As much of a text as has room in so many bytes, in whole letters. */
function cutToBytes(text: string, bytes: number): string {
  let cut = ''
  let left = bytes
  for (const letter of text) {
    left -= bytesOf(letter)
    if (left < 0) break
    cut += letter
  }
  return cut
}

/** The name of a file that is still to get this name; `run`: eight hex digits of a run's own. */
export function temporaryName(name: string, run: string): string {
  const end = `.s3-direct-sync-${run}.tmp`
  const room = MOST_NAME_BYTES - 1 - end.length
  if (bytesOf(name) <= room) return `.${name}${end}`
  // Names that begin alike are not to have one.
  const mark = `~${hash('sha256', name).slice(0, 16)}`
  return `.${cutToBytes(name, room - mark.length)}${mark}${end}`
}

/** Whether a name is that of a file which a run did not finish: it is no content, whoever left it. */
export const isTemporaryName = (name: string): boolean => TEMPORARY.test(name)

const ASCII = /^[\0-\x7f]*$/

/** The one form of all names that a disk takes for each other. */
export function diskForm(text: string, { platform, ignoresCase }: NameRules): string {
  const form = platform === 'darwin' && !ASCII.test(text) ? text.normalize('NFC') : text
  return ignoresCase ? form.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC') : form
}

/** What HFS+ takes for nothing in a name: marks of direction, and joiners. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** Whether a disk, or git on it, takes a name for that of git's own folder, though it has other letters. */
function meansGit(name: string, { ignoresCase, platform }: NameRules): boolean {
  if (name === '.git') return false
  const plain = name.replace(IGNORED, '').toLowerCase()
  if (ignoresCase && plain === '.git') return true
  return platform === 'win32' && /^(?:git~[0-9]+|\.git(?:[. ]*|:.*))$/.test(plain)
}

function whyNoName(name: string, rules: NameRules): string | undefined {
  const { platform } = rules
  if (name === '') return 'contains an empty segment (//)'
  if (name === '.' || name === '..') return `contains the segment ${JSON.stringify(name)}`
  if (name.includes('\0')) return 'contains a NUL character'
  if (isTemporaryName(name)) return 'has the file name of a temporary file of this action'
  if (meansGit(name, rules))
    return `contains ${JSON.stringify(name)}, which is the same as .git on this disk`
  if (platform === 'win32') {
    if (name.includes('\\')) return 'contains a backslash, which separates folders on Windows'
    if (name.length > MOST_NAME_BYTES)
      return `has a file name of ${name.length} characters, but at most 255 are allowed`
    return windowsRefusesName(name)
  }
  const bytes = bytesOf(name)
  if (bytes > MOST_NAME_BYTES)
    return `has a file name of ${bytes} bytes, but at most 255 are allowed`
  if (platform === 'darwin' && !ASCII.test(name) && name !== name.normalize('NFC'))
    return 'has a file name that is not in Unicode form NFC, which macOS would list differently'
  return undefined
}

/** Why no file below a folder can have this key as its path; undefined where one can. */
export function whyNoFile(key: string, rules: NameRules): string | undefined {
  if (key === '') return 'is the folder of the source itself, but has content'
  if (key.startsWith('/')) return 'starts with a slash'
  if (key.endsWith('/')) return 'ends with a slash, like a folder, but has content'
  for (const name of key.split('/')) {
    const why = whyNoName(name, rules)
    if (why !== undefined) return why
  }
  const most = MOST_PATH_BYTES[rules.platform] ?? Number.POSITIVE_INFINITY
  const bytes = rules.rootBytes + 1 + bytesOf(key)
  return bytes > most
    ? `would have a path of ${bytes} bytes, but at most ${most} are allowed`
    : undefined
}
