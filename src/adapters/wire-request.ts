import type { IncomingHttpHeaders } from 'node:http'
import type { ByteSink } from '../model/byte-sink.ts'
import type { BodyMemory } from './body-memory.ts'

export type WireHeaders = Readonly<Record<string, string>>

/**
 * Of a name's addresses Node gives up each but the last one after a quarter of a second: what lies further away than that
 * would be reached at the last address or not at all. Here the first packet may be lost and sent again, too.
 */
export const ADDRESS_MS = 1500

/** A request as it goes over the wire; nothing of it is changed on the way. */
export interface WireRequest {
  readonly base: URL
  readonly method: string
  /** Path and query, escaped. */
  readonly target: string
  readonly headers: WireHeaders
  readonly body?: Uint8Array | string | undefined
  /** A longer answer is not read to its end: 1 MiB where nothing is said. */
  readonly mostBytes?: number | undefined
  /** For the connection alone, through a proxy to the far end; undefined: as long as the whole. */
  readonly connectMs?: number | undefined
  /**
   * What the body of an answer is read into, unless it tells of a failure: memory, to be given back, or where it goes piece
   * by piece, so that the answer has none. Undefined: fresh memory.
   */
  readonly into?: BodyMemory | ByteSink | undefined
}

/** A whole answer. One that tells of a failure has as much of its body as is of use. */
export interface WireAnswer {
  readonly status: number
  /** Made when they are asked for: of most answers nobody does. */
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** An address as Node takes it. */
export interface Target {
  readonly hostname: string
  readonly port: string
  readonly isSecure: boolean
}

/** Read once of each URL: its parts are cut out of its text whenever they are asked for. */
const targets = new WeakMap<URL, Target>()

/** Where a URL leads. */
export function targetOf(base: URL): Target {
  const known = targets.get(base)
  if (known) return known
  const { hostname, port, protocol } = base
  const plain = hostname.replace(/^\[|\]$/g, '')
  const target = { hostname: plain, port, isSecure: protocol === 'https:' }
  targets.set(base, target)
  return target
}
