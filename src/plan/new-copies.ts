import { type KeyBytes, MOST_KEY_BYTES } from '../model/key.ts'
import { isArchived } from '../model/object-info.ts'
import type { PackedObjects } from '../storage/object-page.ts'
import { digitsInto, PLAIN_TEXT, Stamp, type WordMemory } from '../storage/plain-bytes.ts'
import type { PairTaker } from './join.ts'
import { isOwnKey } from './pair-scope.ts'
import type { Part, PartRules } from './part.ts'
import { addSample, wantsSample } from './samples.ts'
import { count } from './tallies.ts'

const TO_SIZE = new Stamp('","size":')
const TO_ETAG = new Stamp(',"etag":"')
const TO_MODIFIED = new Stamp('","lastModified":"')
const TO_CLASS = new Stamp('","storageClass":"')
const TO_END = new Stamp('","reason":"missing"}\n')
/** More than any line takes beside its keys, its ETag and its storage class. */
const ROOM_BYTES = 256
const CLASS = /^\w{0,64}$/

/** The lines of copies to keys where nothing stands, as the bytes of a listing give them. */
class NewCopyLine {
  readonly #toKey: Stamp
  readonly #toTarget: Stamp

  /** Of places whose prefixes JSON writes as they are. */
  constructor(source: string, destination: string) {
    this.#toKey = new Stamp(`{"op":"copy","key":"${source}`)
    this.#toTarget = new Stamp(`","to":"${destination}`)
  }

  /** Bytes that there has to be room for, for the line of a row. */
  mostBytes(objects: PackedObjects, row: number): number {
    const texts = 2 * objects.keyBytes(row) + objects.etagBytes(row)
    return this.#toKey.length + this.#toTarget.length + texts + ROOM_BYTES
  }

  /** Writes the line of a row; gives where it ends, -1 where it is not as plain as nearly all are. */
  into(objects: PackedObjects, row: number, to: WordMemory, at: number): number {
    const { storageClass } = objects.state(row)
    if (!CLASS.test(storageClass)) return -1
    const key = objects.plainKeyInto(row, to, this.#toKey.into(to, at))
    if (key < 0) return -1
    const target = objects.plainKeyInto(row, to, this.#toTarget.into(to, key))
    const size = digitsInto(objects.size(row), to, TO_SIZE.into(to, target))
    const etag = objects.plainEtagInto(row, to, TO_ETAG.into(to, size))
    if (etag < 0) return -1
    let end = objects.isoTimeInto(row, to, TO_MODIFIED.into(to, etag))
    if (end < 0) return -1
    if (storageClass !== '') {
      end = TO_CLASS.into(to, end)
      end += to.bytes.write(storageClass, end, 'latin1')
    }
    return TO_END.into(to, end)
  }
}

/**
 * Plans the copies of what only the source has, where it takes no more than the bytes of its listing: by the million, so
 * that no object is made of them.
 */
export function newTaker(part: Part, around: PartRules): PairTaker['takeNew'] {
  const { source, destination, scope, isNoted } = around
  const { within } = scope
  const isKeyed = !source.single && !destination.single && destination.folder === undefined
  const isPlain = PLAIN_TEXT.test(source.prefix) && PLAIN_TEXT.test(destination.prefix)
  if (!isKeyed || !isPlain || !scope.hasAll || scope.waves || scope.headers) return undefined
  const line = new NewCopyLine(source.prefix, destination.prefix)
  const mostKeyBytes = MOST_KEY_BYTES - destination.prefix.length
  return (objects, row) => {
    const { pieces } = part.copies
    const keyBytes = objects.keyBytes(row)
    if (!pieces || keyBytes === 0 || keyBytes > mostKeyBytes) return false
    if (isArchived(objects.state(row))) return false
    const key = objects.sharedKey(row)
    if (isOwnKey(scope, key) || isNoted?.((within + key) as KeyBytes, 'copy')) return false
    const memory = pieces.room(line.mostBytes(objects, row))
    const end = line.into(objects, row, memory, pieces.end)
    if (end < 0) return false
    pieces.endAt(end)
    const size = objects.size(row)
    part.copies.count(size)
    part.listed.source++
    part.sourceInScope++
    count(part.reasons, 'missing', { objects: 1, bytes: size })
    if (wantsSample(part.samples, 'missing'))
      addSample(part.samples, 'missing', { key: source.prefix + key, size })
    return true
  }
}
