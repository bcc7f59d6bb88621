// The beginning of a thread: it sends requests and writes their answers into files, for the thread that began it.
import type { SecureContext } from 'node:tls'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { serviceFailure } from '../errors/service-failure.ts'
import { Connections } from './connections.ts'
import { FileSink } from './file-sink.ts'
import type { Order, ReadOrder, ReadReport, ReceiverStart, ToldError } from './reading.ts'
import { ownTrust, trustOfNode } from './trust.ts'

/** Who asks for something keeps the time. */
const NO_LIMIT_MS = 2 ** 31 - 1

const underWay = new Map<number, AbortController>()
/** Of their texts: a host is known by its URL. */
const bases = new Map<string, URL>()

function baseOf(url: string): URL {
  const base = bases.get(url) ?? new URL(url)
  bases.set(url, base)
  return base
}

function toldOf(error: unknown): ToldError {
  const { code = '', message } = error as NodeJS.ErrnoException
  return { code, message, status: undefined }
}

/** Sends a request, and gives what came of it once nothing is written any more. */
async function read(
  { url, target, headers, mostBytes, connectMs }: ReadOrder,
  connections: Connections,
  into: FileSink,
  signal: AbortSignal,
): Promise<Omit<ReadReport, 'id' | 'written'>> {
  const request = { base: baseOf(url), method: 'GET', target, headers, mostBytes, connectMs, into }
  try {
    const answer = await connections.ask(request, { timeoutMs: NO_LIMIT_MS, signal })
    into.end()
    const { status, headers, body } = answer
    return { answer: { status, headers, body } }
  } catch (error) {
    if (into.failure) return { unwritten: toldOf(into.failure) }
    const { code, message, status } = serviceFailure(error)
    return { failure: { code, message, status } }
  } finally {
    into.release()
  }
}

function serve(port: MessagePort, { mostConnections }: ReceiverStart): void {
  let trust: SecureContext | undefined
  const trusted = (): SecureContext => {
    trust ??= ownTrust(process.env) ?? trustOfNode()
    return trust
  }
  const connections = new Connections({ most: mostConnections, trust: trusted })
  port.on('message', async (order: Order) => {
    if ('ended' in order) {
      underWay.get(order.ended)?.abort()
      return
    }
    const { id } = order
    const ender = new AbortController()
    underWay.set(id, ender)
    const into = new FileSink(order)
    const ended = await read(order, connections, into, ender.signal)
    underWay.delete(id)
    port.postMessage({ id, written: into.written, ...ended } satisfies ReadReport)
  })
}

if (parentPort) serve(parentPort, workerData as ReceiverStart)
