import net, { type Socket } from 'node:net'
import tls, { type SecureContext } from 'node:tls'
import { ServiceError } from '../errors/service-error.ts'
import type { Limit } from '../model/limit.ts'
import { Exchange } from './exchange.ts'
import {
  ADDRESS_MS,
  type Target,
  targetOf,
  type WireAnswer,
  type WireRequest,
} from './wire-request.ts'

/** How connections are made. */
export interface ConnectionRules {
  /** At a time to one host. */
  readonly most: number
  /** Whom to trust. */
  readonly trust: () => SecureContext
}

/** A connection that a service says it will close so soon is not used again: the next request would meet its end. */
const CLOSING_MS = 1000
/** TCP asks after the other end when it is silent for so long, as a large copy is. */
const PROBE_MS = 1000
/** A longer body is sent in pieces: of TLS, Node would hold all of it twice more, as it is and encrypted. */
const PIECE_BYTES = 256 * 2 ** 10
/** All that comes is taken out of it before anything else is read. */
const READ_MEMORY = Buffer.allocUnsafeSlow(64 * 2 ** 10)

const hungUp = (text: string): Error => Object.assign(new Error(text), { code: 'ECONNRESET' })

/** One connection: it carries one request at a time. */
class Connection {
  readonly #socket: Socket
  readonly #host: Host
  #exchange: Exchange | undefined
  /** What is read into next. */
  #memory: Buffer = READ_MEMORY
  /** Whether some of its body is yet to be written. */
  #isSending = false
  /** Until then it may be used again. */
  #usableUntilMs = Number.POSITIVE_INFINITY

  constructor(host: Host, connect: Connect, { connectMs }: WireRequest) {
    this.#host = host
    this.#socket = connect({
      // Asked for before each read, the first one included.
      buffer: () => {
        this.#memory = this.#exchange?.memory ?? READ_MEMORY
        return this.#memory
      },
      callback: (length) => {
        this.#read(length)
        return true
      },
    })
    this.#socket
      // Who waits for an answer has a timer that keeps the process alive; of several addresses each has a handle of its own.
      .once('connect', () => this.#socket.unref())
      .setNoDelay()
      .setKeepAlive(true, PROBE_MS)
      .on('error', (error) => this.end(error))
      .on('end', () => this.#ended())
      .on('close', () => {
        this.end(hungUp('socket hang up'))
        host.closed(this)
      })
    if (connectMs !== undefined) this.#limitConnecting(connectMs)
  }

  /** Whether it can carry another request. */
  get isUsable(): boolean {
    return this.#socket.writable && performance.now() < this.#usableUntilMs
  }

  /** Sends a request. */
  carry(exchange: Exchange): void {
    this.#exchange = exchange
    exchange.carrier = this
    const { head, body } = exchange
    if (body === undefined) this.#socket.write(head, 'latin1')
    else if (body.length > PIECE_BYTES) {
      this.#isSending = true
      this.#socket.write(head, 'latin1')
      this.#writeFrom(0, body, exchange)
    } else {
      this.#socket.cork()
      this.#socket.write(head, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    }
  }

  /** Ends it, and the request that it carries. */
  end(reason: unknown): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    exchange?.fail(reason)
    this.#socket.destroy()
  }

  /** Writes a piece of a body, and the next one once the system has taken it. */
  #writeFrom(at: number, body: Uint8Array, exchange: Exchange): void {
    const next = at + PIECE_BYTES
    this.#isSending = next < body.length
    this.#socket.write(body.subarray(at, next), (error) => {
      // The memory of a body is lent until its answer is there.
      if (!error && next < body.length && this.#exchange === exchange)
        this.#writeFrom(next, body, exchange)
    })
  }

  #limitConnecting(connectMs: number): void {
    const late = () =>
      this.end(new ServiceError('RequestError', `ETIMEDOUT no connection to ${this.#host.name}`))
    const timer = setTimeout(late, connectMs)
    const connected = () => clearTimeout(timer)
    this.#socket.once(this.#host.isSecure ? 'secureConnect' : 'connect', connected)
    this.#socket.once('close', connected)
  }

  #read(length: number): void {
    const exchange = this.#exchange
    // What nobody asked for is no answer to the next request.
    if (exchange === undefined) this.#socket.destroy()
    else
      try {
        if (this.#memory === READ_MEMORY) exchange.read(READ_MEMORY.subarray(0, length))
        else exchange.took(this.#memory, length)
        if (exchange.isOver) this.#over(exchange)
        else if (exchange.room) this.#pauseFor(exchange.room)
      } catch (error) {
        this.end(error)
      }
  }

  /** Reads nothing more until there is room for it: the other end waits meanwhile. */
  #pauseFor(room: Promise<void>): void {
    this.#socket.pause()
    const resume = () => void this.#socket.resume()
    room.then(resume, (error) => this.end(error))
  }

  #ended(): void {
    const exchange = this.#exchange
    if (exchange?.ended()) this.#over(exchange)
    else this.end(hungUp(exchange?.hasBegun ? 'aborted' : 'socket hang up'))
  }

  /** Is there for the next request, where it may be. */
  #over(exchange: Exchange): void {
    this.#exchange = undefined
    const { keepsAlive, keptMs = Number.POSITIVE_INFINITY } = exchange
    const usableMs = keptMs - CLOSING_MS
    // A service may answer before it has read all.
    const isSent = !this.#isSending && this.#socket.writableLength === 0
    const isFree = keepsAlive && usableMs > 0 && isSent
    if (isFree) {
      this.#usableUntilMs = performance.now() + usableMs
      this.#host.free(this)
    } else this.#socket.destroy()
    exchange.succeed()
  }
}

/** Opens a socket whose bytes go through some memory. */
type Connect = (onread: net.OnReadOpts) => Socket

/** The connections to one host: the last one that was used is used first. */
class Host {
  readonly #target: Target
  readonly #rules: ConnectionRules
  readonly #open = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting: Exchange[] = []
  /** Of TLS, to be resumed. */
  #session: Buffer | undefined

  constructor(target: Target, rules: ConnectionRules) {
    this.#target = target
    this.#rules = rules
  }

  get isSecure(): boolean {
    return this.#target.isSecure
  }

  get name(): string {
    const { hostname, port } = this.#target
    return port === '' ? hostname : `${hostname}:${port}`
  }

  send(exchange: Exchange): void {
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      if (last.isUsable) {
        last.carry(exchange)
        return
      }
      last.end(undefined)
    }
    if (this.#open.size < this.#rules.most) this.#connect(exchange)
    else this.#waiting.push(exchange)
  }

  /** A connection is there for the next request. */
  free(connection: Connection): void {
    const next = this.#next()
    if (next) connection.carry(next)
    else this.#idle.push(connection)
  }

  closed(connection: Connection): void {
    this.#open.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    const next = this.#next()
    if (next) this.#connect(next)
  }

  close(): void {
    const closed = hungUp('socket hang up')
    for (const exchange of this.#waiting.splice(0)) exchange.fail(closed)
    for (const connection of this.#open) connection.end(closed)
  }

  /** The first request that still waits for a connection. */
  #next(): Exchange | undefined {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift())
      if (!next.isOver) return next
    return undefined
  }

  #connect(exchange: Exchange): void {
    try {
      const connection = new Connection(this, (onread) => this.#socket(onread), exchange.request)
      this.#open.add(connection)
      connection.carry(exchange)
    } catch (error) {
      exchange.fail(error)
    }
  }

  #socket(onread: net.OnReadOpts): Socket {
    const { hostname: host, port, isSecure } = this.#target
    const to = { host, autoSelectFamilyAttemptTimeout: ADDRESS_MS, onread }
    if (!isSecure) return net.connect({ ...to, port: Number(port || 80) })
    const options: tls.ConnectionOptions & typeof to = {
      ...to,
      port: Number(port || 443),
      servername: net.isIP(host) === 0 ? host : '',
      ALPNProtocols: ['http/1.1'],
      secureContext: this.#rules.trust(),
      ...(this.#session ? { session: this.#session } : {}),
    }
    return tls
      .connect(options)
      .on('session', (session) => {
        this.#session = session
      })
      .on('error', () => {
        this.#session = undefined
      })
  }
}

/** Connections that are kept alive, to any hosts, without a proxy between. */
export class Connections {
  readonly #rules: ConnectionRules
  readonly #hosts = new Map<string, Host>()
  readonly #hostsOfUrls = new WeakMap<URL, Host>()

  constructor(rules: ConnectionRules) {
    this.#rules = rules
  }

  /** Sends one request and reads the whole answer. Rejects with what the network did, or the signal's reason. */
  ask(request: WireRequest, limit: Limit): Promise<WireAnswer> {
    limit.signal?.throwIfAborted()
    const exchange = new Exchange(request, limit)
    this.#hostOf(request.base).send(exchange)
    return exchange.answer
  }

  /** Closes all of them, and ends what they carry. */
  close(): void {
    for (const host of this.#hosts.values()) host.close()
  }

  #hostOf(base: URL): Host {
    const known = this.#hostsOfUrls.get(base)
    if (known) return known
    const target = targetOf(base)
    const name = `${target.isSecure} ${target.hostname} ${target.port}`
    const host = this.#hosts.get(name) ?? new Host(target, this.#rules)
    this.#hosts.set(name, host)
    this.#hostsOfUrls.set(base, host)
    return host
  }
}
