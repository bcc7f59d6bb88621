import type { IncomingHttpHeaders } from 'node:http'
import { serviceFailure } from '../errors/service-failure.ts'
import type { Limit } from '../model/limit.ts'
import { AnswerBody } from './answer-body.ts'
import { AnswerReader, type AnswerTaker, headersIn } from './answer-reader.ts'
import { tellRequest } from './told.ts'
import { type End, watch } from './watch.ts'
import type { WireAnswer, WireRequest } from './wire-request.ts'

/** What stands in no value of a header, and in no target: it would begin another header, or another request. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/
const NO_NAME = /[^\w!#$%&'*+.^`|~-]|^$/
const NO_TARGET = /[^\x21-\xff]|^$/

/** As Node refuses it: it is never sent. */
const unsendable = (code: string, message: string): TypeError =>
  Object.assign(new TypeError(message), { code })

/** The head of a request, byte for byte. Throws TypeError where it would be none. */
function headOf({ method, target, headers }: WireRequest, bodyBytes: number | undefined): string {
  if (NO_NAME.test(method) || NO_TARGET.test(target))
    throw unsendable('ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters')
  let head = `${method} ${target} HTTP/1.1\r\n`
  for (const name in headers) {
    const value = headers[name] ?? ''
    if (NO_VALUE.test(value) || NO_NAME.test(name))
      throw unsendable('ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`)
    head += `${name}: ${value}\r\n`
  }
  if (bodyBytes !== undefined && headers['content-length'] === undefined)
    head += `content-length: ${bodyBytes}\r\n`
  return `${head}connection: keep-alive\r\n\r\n`
}

const NOTHING = Buffer.alloc(0)

/** A whole answer, whose headers are made when they are asked for: a million answers of listings are never asked. */
class Answer implements WireAnswer {
  readonly status: number
  readonly body: Buffer
  readonly #head: string
  #headers: IncomingHttpHeaders | undefined

  constructor(status: number, head: string, body: Buffer) {
    this.status = status
    this.#head = head
    this.body = body
  }

  get headers(): IncomingHttpHeaders {
    this.#headers ??= headersIn(this.#head)
    return this.#headers
  }
}

/** What a request goes over. */
interface Carrier {
  end(reason: unknown): void
}

/** One request on its way, and its answer. */
export class Exchange implements AnswerTaker {
  readonly request: WireRequest
  /** What goes over the wire: latin1, then bytes. */
  readonly head: string
  readonly body: Uint8Array | undefined
  /** Settled once all is there, or will not come. */
  readonly answer: Promise<WireAnswer>
  /** undefined: it waits for one. */
  carrier: Carrier | undefined
  readonly #startedMs = performance.now()
  readonly #reader: AnswerReader
  readonly #unwatch: () => void
  readonly #resolve: (answer: WireAnswer) => void
  readonly #reject: End
  #isEnded = false
  #status = 0
  #answerHead = ''
  #body: AnswerBody | undefined

  constructor(request: WireRequest, limit: Limit) {
    const { method, body } = request
    this.request = request
    this.body = typeof body === 'string' ? Buffer.from(body) : body
    this.head = headOf(request, this.body?.length)
    this.#reader = new AnswerReader(method, this)
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#unwatch = watch((reason) => this.#end(reason), limit)
  }

  /** Whether nothing is to come of it any more. */
  get isOver(): boolean {
    return this.#isEnded || this.#reader.isOver
  }

  /** Whether the head of its answer is there. */
  get hasBegun(): boolean {
    return this.#reader.hasBegun
  }

  get keepsAlive(): boolean {
    return this.#reader.keepsAlive
  }

  get keptMs(): number | undefined {
    return this.#reader.keptMs
  }

  /** What to wait for before more of its answer is read; undefined: nothing. */
  get room(): Promise<void> | undefined {
    return this.#body?.room
  }

  /** Where what comes next is best read to, which is then nothing but body; undefined: anywhere. */
  get memory(): Buffer | undefined {
    // The last byte is read with what stands behind it, as nothing may.
    const most = this.#reader.bodyLeft - 1
    const memory = most > 0 && !this.#isEnded ? this.#body?.memory : undefined
    return memory && memory.length > most ? memory.subarray(0, most) : memory
  }

  /** Reads what came of its answer. Throws where it is none. */
  read(bytes: Buffer): void {
    this.#reader.read(bytes)
  }

  /** The same of bytes that were read to its own memory. Over TLS they come in pieces of 16 KB, so that this is a short way. */
  took(memory: Buffer, length: number): void {
    this.#reader.took(length)
    this.#body?.took(memory, length)
  }

  /** Its connection ended; gives whether its answer is whole all the same. */
  ended(): boolean {
    return this.#reader.end()
  }

  takeHead(status: number, text: string, toldBytes: number): void {
    this.#tell(status)
    this.#status = status
    this.#answerHead = text
    this.#body = new AnswerBody(status, toldBytes, this.request)
  }

  takePiece(bytes: Buffer): boolean {
    return this.#body?.add(bytes) ?? false
  }

  /** All of the answer is there. */
  succeed(): void {
    this.#isEnded = true
    this.#unwatch()
    this.#resolve(new Answer(this.#status, this.#answerHead, this.#body?.whole() ?? NOTHING))
  }

  fail(reason: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#unwatch()
    if (!this.hasBegun) this.#tell(serviceFailure(reason).message)
    this.#reject(reason)
  }

  #end(reason: unknown): void {
    this.fail(reason)
    this.carrier?.end(reason)
  }

  #tell(ended: number | string): void {
    const { method, target, base } = this.request
    tellRequest({ method, target, host: base.host, startedMs: this.#startedMs }, ended)
  }
}
