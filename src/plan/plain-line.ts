import { isoTimeEnd } from '../model/iso-time.ts'
import type { Op } from '../model/op.ts'
import { COPY_REASONS } from '../model/plan-words.ts'
import { numberEnd, numberIn, plainEnd, Stamp, type WordMemory } from '../storage/plain-bytes.ts'

const COPY = new Stamp('{"op":"copy","key":"')
const DELETE = new Stamp('{"op":"delete","key":"')
const TO = new Stamp('","to":"')
const SIZE = new Stamp('","size":')
const ETAG = new Stamp(',"etag":"')
const MODIFIED = new Stamp('","lastModified":"')
const TO_ETAG = new Stamp('","toEtag":"')
const STORAGE_CLASS = new Stamp('","storageClass":"')
const WAVE = new Stamp('","wave":')
const REASON = new Stamp('","reason":"')
/** Behind a number there is no text to end. */
const REASON_BEHIND_WAVE = new Stamp(',"reason":"')
const EXTRA = 'only-at-destination'
const COPIED = COPY_REASONS.map((reason) => ({ reason, stamp: new Stamp(`${reason}"}`) }))
const DELETED = [{ reason: EXTRA, stamp: new Stamp(`${EXTRA}"}`) }] as const

const NEWLINE = 0x0a
const QUOTE = 0x22
const ZERO = 0x30

const bytesOf = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => Number(pattern.test(String.fromCharCode(byte))))
const ETAG_BYTES = bytesOf(/[!#-)+-[\]-~]/)
const WORD_BYTES = bytesOf(/\w/)

/** Where bytes of one kind end. */
function endOf({ bytes }: WordMemory, from: number, kind: Uint8Array): number {
  let at = from
  while (kind[bytes[at] ?? 0] === 1) at++
  return at
}

const isTail = (byte: number): boolean => byte >> 6 === 0b10

/** Bytes of a letter beyond ASCII such as many keys are made of: in JSON it stands as it is, and it is seen; 0: it is none. */
function letterBytes({ bytes }: WordMemory, at: number): number {
  const [first = 0, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]]
  if (!isTail(second)) return 0
  if (first >> 5 === 0b110) {
    const code = ((first & 0x1f) << 6) | (second & 0x3f)
    return (code >= 0xc0 && code <= 0x24f) || (code >= 0x410 && code <= 0x44f) ? 2 : 0
  }
  if (first >> 4 !== 0b1110 || !isTail(third)) return 0
  const code = ((first & 0xf) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
  const isKana = (code >= 0x3041 && code <= 0x3096) || (code >= 0x30a1 && code <= 0x30fa)
  const isHan = code >= 0x4e00 && code <= 0x9fff
  return isKana || isHan || (code >= 0xac00 && code <= 0xd7a3) ? 3 : 0
}

/** Text of the memory that a line was read from, one character a byte. */
type Latin1 = (from: number, end: number) => string

/**
 * A line that is written as we write nearly all of them, read by its bytes. That it is one proves in a single look what
 * parsing, checking each field and writing it anew would prove. By the million, so that one is used for many lines.
 */
export class PlainLine {
  kind: Op['op'] = 'copy'
  reason: Op['reason'] = EXTRA
  /** Bytes. */
  size = 0
  wave = 0
  #isAscii = true
  // Where its texts begin and end; below 0: it has none.
  #key = -1
  #keyEnd = -1
  #to = -1
  #toEnd = -1
  #etag = -1
  #etagEnd = -1
  #modified = -1
  #modifiedEnd = -1
  #toEtag = -1
  #toEtagEnd = -1
  #storageClass = -1
  #storageClassEnd = -1

  /** Reads the line that begins at `at`; gives where it ends, its newline included, -1: only parsing can tell what it is. */
  read(memory: WordMemory, at: number): number {
    const copy = COPY.endAt(memory, at)
    const end = copy >= 0 ? this.#readCopy(memory, copy) : this.#readDelete(memory, at)
    if (end < 0 || end === memory.bytes.length) return end
    return memory.bytes[end] === NEWLINE ? end + 1 : -1
  }

  /** What it says. */
  op(textOf: Latin1): Op {
    const key = this.#text(textOf, this.#key, this.#keyEnd)
    const { size, wave } = this
    const etag = textOf(this.#etag, this.#etagEnd)
    if (this.kind === 'delete')
      return {
        op: 'delete',
        key,
        size,
        etag,
        lastModified: this.#modified < 0 ? undefined : textOf(this.#modified, this.#modifiedEnd),
        reason: EXTRA,
      }
    // By the million: to leave out what is undefined would take twice as long.
    return {
      op: 'copy',
      key,
      to: this.#text(textOf, this.#to, this.#toEnd),
      size,
      etag,
      lastModified: textOf(this.#modified, this.#modifiedEnd),
      toEtag: this.#toEtag < 0 ? undefined : textOf(this.#toEtag, this.#toEtagEnd),
      storageClass:
        this.#storageClass < 0 ? undefined : textOf(this.#storageClass, this.#storageClassEnd),
      wave: wave === 0 ? undefined : wave,
      reason: this.reason as (typeof COPY_REASONS)[number],
    }
  }

  #text(textOf: Latin1, from: number, end: number): string {
    const text = textOf(from, end)
    return this.#isAscii ? text : Buffer.from(text, 'latin1').toString()
  }

  #readCopy(memory: WordMemory, at: number): number {
    this.kind = 'copy'
    this.#isAscii = true
    this.#key = at
    this.#keyEnd = this.#keyTextEnd(memory, at)
    this.#to = TO.endAt(memory, this.#keyEnd)
    this.#toEnd = this.#keyTextEnd(memory, this.#to)
    const content = this.#contentEnd(memory, this.#toEnd)
    this.#modified = MODIFIED.endAt(memory, content)
    this.#modifiedEnd = isoTimeEnd(memory.bytes, this.#modified)
    if (this.#modified < 0 || this.#modifiedEnd < 0) return -1
    let end = this.#modifiedEnd
    this.#toEtag = TO_ETAG.endAt(memory, end)
    if (this.#toEtag >= 0) this.#toEtagEnd = end = endOf(memory, this.#toEtag, ETAG_BYTES)
    this.#storageClass = STORAGE_CLASS.endAt(memory, end)
    if (this.#storageClass >= 0) {
      this.#storageClassEnd = end = endOf(memory, this.#storageClass, WORD_BYTES)
      if (end === this.#storageClass) return -1
    }
    const wave = WAVE.endAt(memory, end)
    this.wave = wave < 0 ? 0 : (memory.bytes[wave] ?? ZERO) - ZERO
    if (wave < 0) return this.#reasonEnd(memory, REASON.endAt(memory, end), COPIED)
    if (this.wave < 1 || this.wave > 9) return -1
    return this.#reasonEnd(memory, REASON_BEHIND_WAVE.endAt(memory, wave + 1), COPIED)
  }

  #readDelete(memory: WordMemory, at: number): number {
    this.kind = 'delete'
    this.#isAscii = true
    this.wave = 0
    this.#key = DELETE.endAt(memory, at)
    this.#keyEnd = this.#keyTextEnd(memory, this.#key)
    const content = this.#contentEnd(memory, this.#keyEnd)
    this.#modified = MODIFIED.endAt(memory, content)
    this.#modifiedEnd = this.#modified < 0 ? content : isoTimeEnd(memory.bytes, this.#modified)
    return this.#reasonEnd(memory, REASON.endAt(memory, this.#modifiedEnd), DELETED)
  }

  #keyTextEnd(memory: WordMemory, from: number): number {
    if (from < 0) return -1
    const { length } = memory.bytes
    for (let at = from; ; ) {
      at = plainEnd(memory, at, length)
      const letter = memory.bytes[at] === QUOTE ? 0 : letterBytes(memory, at)
      if (letter === 0) return at
      this.#isAscii = false
      at += letter
    }
  }

  /** Reads size and ETag, which stand behind keys; gives where the ETag ends. */
  #contentEnd(memory: WordMemory, at: number): number {
    const from = SIZE.endAt(memory, at)
    const end = numberEnd(memory, from)
    if (end < 0) return -1
    this.size = numberIn(memory, from, end)
    this.#etag = ETAG.endAt(memory, end)
    this.#etagEnd = endOf(memory, this.#etag, ETAG_BYTES)
    return this.#etagEnd
  }

  #reasonEnd(
    memory: WordMemory,
    at: number,
    reasons: readonly { readonly reason: Op['reason']; readonly stamp: Stamp }[],
  ): number {
    for (const { reason, stamp } of reasons) {
      const end = stamp.endAt(memory, at)
      if (end < 0) continue
      this.reason = reason
      return end
    }
    return -1
  }
}
