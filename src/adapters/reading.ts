import type { IncomingHttpHeaders } from 'node:http'
import type { FilePlace, Written } from '../model/byte-sink.ts'
import type { WireHeaders } from './wire-request.ts'

/** What a thread that receives is begun with. */
export interface ReceiverStart {
  /** Connections at a time to one host. */
  readonly mostConnections: number
}

/** A request whose answer a thread writes into a file. */
export interface ReadOrder {
  readonly id: number
  readonly url: string
  readonly target: string
  readonly headers: WireHeaders
  readonly mostBytes: number | undefined
  readonly connectMs: number | undefined
  readonly place: Pick<FilePlace, 'handle' | 'at' | 'summed'>
  /** Shared: once it is not 0, nothing more is written. */
  readonly isEnded: Int32Array
}

/** What a thread is told: to read, or that a request is given up. */
export type Order = ReadOrder | { readonly ended: number }

/** A failure as it goes from one thread to the other. */
export interface ToldError {
  readonly code: string
  readonly message: string
  /** HTTP status, where an answer came. */
  readonly status: number | undefined
}

/** How a request ended: nothing of it is written any more. */
export interface ReadReport {
  readonly id: number
  readonly written: Written
  readonly answer?: {
    readonly status: number
    readonly headers: IncomingHttpHeaders
    readonly body: Uint8Array
  }
  /** What the network did. */
  readonly failure?: ToldError
  /** What the file system did. */
  readonly unwritten?: ToldError
}
