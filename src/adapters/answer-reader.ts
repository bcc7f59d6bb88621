import type { IncomingHttpHeaders } from 'node:http'
import { ServiceError } from '../errors/service-error.ts'

/** Takes an answer as it is read. What it throws goes through. */
export interface AnswerTaker {
  /** Its head; `toldBytes`: how long its body is said to be, or 0. */
  takeHead(status: number, text: string, toldBytes: number): void
  /** A piece of its body, in memory that is used again; gives whether another one is of use. */
  takePiece(bytes: Buffer): boolean
}

/** As many bytes as Node takes of a head; those of trailers and of what stands beside the length of a chunk, too. */
const MOST_HEAD_BYTES = 16 * 2 ** 10
const BLANK_LINE = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')

/** A head without its blank line: nothing but what RFC 9112 has, as what is read in two ways hides a second answer. */
const HEAD =
  /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*)*$/
const STATUS_AT = 'HTTP/1.1 '.length
/** Fields that say where an answer ends, and whether another one may follow it. */
const FRAMING = /\r\n(connection|content-length|keep-alive|transfer-encoding):[\t ]*([^\r]*)/gi
const CHUNK = /^([0-9a-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i

/** No answer of HTTP/1.1: nothing more is read of it, nor of its connection. */
const notHttp = (what: string): ServiceError =>
  new ServiceError('RequestError', `The response is not valid HTTP: ${what}`)

/** What the fields of a head say of its body and its connection. */
interface Framing {
  readonly length: number | undefined
  readonly isChunked: boolean
  readonly keepsAlive: boolean
  /** How long the service keeps an idle connection; undefined: it does not say. */
  readonly keptMs: number | undefined
}

function framingOf(head: string): Framing {
  let length: number | undefined
  let isChunked = false
  let keepsAlive = head.startsWith('HTTP/1.1')
  let keptMs: number | undefined
  FRAMING.lastIndex = 0
  for (let found = FRAMING.exec(head); found; found = FRAMING.exec(head)) {
    const value = found[2]?.trimEnd().toLowerCase() ?? ''
    switch (found[1]?.toLowerCase()) {
      case 'content-length':
        if (length !== undefined || !/^\d{1,15}$/.test(value))
          throw notHttp('invalid Content-Length')
        length = Number(value)
        break
      case 'transfer-encoding':
        if (isChunked || value !== 'chunked') throw notHttp('unsupported Transfer-Encoding')
        isChunked = true
        break
      case 'connection':
        if (/(?:^|[\t ,])close(?:$|[\t ,])/.test(value)) keepsAlive = false
        else if (/(?:^|[\t ,])keep-alive(?:$|[\t ,])/.test(value)) keepsAlive = true
        break
      default: {
        const seconds = /(?:^|[\t ,])timeout=(\d{1,9})/.exec(value)?.[1]
        if (seconds !== undefined) keptMs = Number(seconds) * 1000
      }
    }
  }
  if (isChunked && length !== undefined) throw notHttp('Content-Length and chunked encoding')
  return { length, isChunked, keepsAlive, keptMs }
}

/** Where in an answer the next byte stands. */
type Stand = 'head' | 'body' | 'chunk-length' | 'chunk' | 'chunk-end' | 'trailers' | 'over'

/** Reads one answer of HTTP/1.1 from the bytes of its connection. */
export class AnswerReader {
  readonly #isHead: boolean
  readonly #taker: AnswerTaker
  #stand: Stand = 'head'
  /** Begun lines, until their end comes. */
  #begun: Buffer | undefined
  /** Bytes of lines, which are bounded. */
  #lineBytes = 0
  /** Of the body or a chunk, still to come. */
  #left = 0
  #keepsAlive = false
  #keptMs: number | undefined

  /** `method`: that of the request. */
  constructor(method: string, taker: AnswerTaker) {
    this.#isHead = method === 'HEAD'
    this.#taker = taker
  }

  /** Whether all of it is there. */
  get isOver(): boolean {
    return this.#stand === 'over'
  }

  /** Bytes of the body that come next, and nothing but them; 0: it is not known. */
  get bodyLeft(): number {
    return this.#stand === 'body' && Number.isFinite(this.#left) ? this.#left : 0
  }

  /** Whether anything of it has come. */
  get hasBegun(): boolean {
    return this.#stand !== 'head'
  }

  /** Whether the connection may carry another request behind it. */
  get keepsAlive(): boolean {
    return this.#keepsAlive
  }

  /** For how long the service says that it keeps the connection, milliseconds. */
  get keptMs(): number | undefined {
    return this.#keptMs
  }

  /** Reads what came, in memory that may be used again behind it. Throws ServiceError where it is no answer of HTTP. */
  read(came: Buffer): void {
    let rest: Buffer | undefined = came
    while (rest !== undefined && rest.length > 0 && this.#stand !== 'over') rest = this.#step(rest)
    // Nobody asked for more: what stands there would be taken for the next answer.
    if (rest !== undefined && rest.length > 0) this.#keepsAlive = false
  }

  /** So many bytes of `bodyLeft` were read elsewhere, and not all of them. */
  took(bytes: number): void {
    this.#left -= bytes
  }

  /** The connection ended. Gives whether that is the end of the answer. */
  end(): boolean {
    if (this.#stand === 'body' && this.#left === Number.POSITIVE_INFINITY) this.#finish()
    return this.isOver
  }

  /** Reads one step further; gives what it left. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#stand) {
      case 'head':
        return this.#readTo(BLANK_LINE, bytes, (text) => this.#takeHead(text))
      case 'body':
      case 'chunk':
        return this.#takePiece(bytes)
      case 'chunk-length':
        return this.#readTo(LINE_END, bytes, (text) => this.#takeChunkLength(text))
      case 'chunk-end':
        return this.#readTo(LINE_END, bytes, (text) => {
          if (text !== '') throw notHttp('a chunk is longer than its size line')
          this.#stand = 'chunk-length'
        })
      case 'trailers':
        return this.#readTo(LINE_END, bytes, (text) => {
          if (text === '') this.#finish()
        })
      case 'over':
        return undefined
      default:
        throw this.#stand satisfies never
    }
  }

  /** Hands over the text up to a mark, once that is there; gives what stands behind it. */
  #readTo(mark: Buffer, came: Buffer, take: (text: string) => void): Buffer | undefined {
    const bytes = this.#begun ? Buffer.concat([this.#begun, came]) : came
    const at = bytes.indexOf(mark)
    const lineBytes = at < 0 ? bytes.length : at
    if (this.#lineBytes + lineBytes > MOST_HEAD_BYTES) throw notHttp('the headers are too long')
    this.#begun = at < 0 ? Buffer.from(bytes) : undefined
    if (at < 0) return undefined
    this.#lineBytes += lineBytes
    take(bytes.toString('latin1', 0, at))
    const end = at + mark.length
    return end === bytes.length ? undefined : bytes.subarray(end)
  }

  #takeHead(text: string): void {
    if (!HEAD.test(text)) throw notHttp('invalid status line or headers')
    const status = Number(text.slice(STATUS_AT, STATUS_AT + 3))
    if (status === 101) throw notHttp('unrequested protocol switch (status 101)')
    // It may say first that it goes on.
    if (status < 200) return
    const { length, isChunked, keepsAlive, keptMs } = framingOf(text)
    const isEmpty = this.#isHead || status === 204 || status === 304
    const told = isEmpty || isChunked ? 0 : length
    this.#keepsAlive = keepsAlive && (told !== undefined || isChunked)
    this.#keptMs = keptMs
    this.#left = told ?? Number.POSITIVE_INFINITY
    this.#stand = isChunked && !isEmpty ? 'chunk-length' : 'body'
    this.#lineBytes = 0
    this.#taker.takeHead(status, text, told ?? 0)
    if (this.#stand === 'body' && this.#left === 0) this.#finish()
  }

  #takeChunkLength(text: string): void {
    const [, length] = CHUNK.exec(text) ?? []
    if (length === undefined) throw notHttp('invalid chunk size')
    this.#left = Number.parseInt(length, 16)
    this.#stand = this.#left === 0 ? 'trailers' : 'chunk'
    if (this.#stand === 'chunk') this.#lineBytes = 0
  }

  #takePiece(bytes: Buffer): Buffer | undefined {
    const piece = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left)
    this.#left -= piece.length
    if (!this.#taker.takePiece(piece)) {
      this.#finish()
      this.#keepsAlive = false
      return undefined
    }
    if (this.#left === 0) {
      if (this.#stand === 'chunk') this.#stand = 'chunk-end'
      else this.#finish()
    }
    return piece.length === bytes.length ? undefined : bytes.subarray(piece.length)
  }

  #finish(): void {
    this.#stand = 'over'
  }
}

/** Fields of which another one of the same name is passed over, as Node does. */
const ONCE = new Set([
  'content-length',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
  'server',
])

/** The fields of a head, by their names in lower case; values are latin1. */
export function headersIn(head: string): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {}
  const [, ...lines] = head.split('\r\n')
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, '')
    const there = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (there === undefined) headers[name] = value
    else if (!ONCE.has(name)) headers[name] = `${there}, ${value}`
  }
  return headers
}
