import { createHash, hash } from 'node:crypto'

/** A run of real bytes, or of the endless deterministic stream that a seed stands for. */
export interface Piece {
  readonly bytes: Buffer | undefined
  readonly seed: number
  readonly offset: number
  readonly size: number
}

/** The content of an object: one piece, or several after a multipart upload. */
export type Body = Piece | { readonly pieces: readonly Piece[]; readonly size: number }

const NOISE_BYTES = 64 * 1024
const CHUNK_BYTES = 1024 * 1024

/** Synthetic bodies up to this size get their true MD5; above it, hashing would cost seconds. */
const EXACT_DIGEST_BYTES = 8 * 1024 * 1024

const noise = makeNoise()

function makeNoise(): Buffer {
  const block = Buffer.alloc(NOISE_BYTES)
  let state = 0x9e3779b9
  for (let at = 0; at < NOISE_BYTES; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    block.writeInt32LE(state | 0, at)
  }
  return block
}

/** A body of real bytes. */
export const bytesBody = (bytes: Buffer): Body => ({
  bytes,
  seed: 0,
  offset: 0,
  size: bytes.length,
})

/** A body of `size` bytes that takes no memory: equal seed and size give equal bytes. */
export const syntheticBody = (size: number, seed: number): Body => ({
  bytes: undefined,
  seed,
  offset: 0,
  size,
})

const piecesOf = (body: Body): readonly Piece[] => ('pieces' in body ? body.pieces : [body])

/** The bytes from `offset` on, at most `size` of them, without copying. */
export function sliceBody(body: Body, offset: number, size: number): Body {
  const end = Math.min(offset + size, body.size)
  const pieces: Piece[] = []
  let start = 0
  for (const piece of piecesOf(body)) {
    const from = Math.max(offset, start)
    const to = Math.min(end, start + piece.size)
    if (from < to) {
      pieces.push({ ...piece, offset: piece.offset + from - start, size: to - from })
    }
    start += piece.size
  }
  return joinPieces(pieces)
}

/** Bodies one after the other; neighbours cut from one body become one piece again. */
export const joinBodies = (bodies: readonly Body[]): Body => joinPieces(bodies.flatMap(piecesOf))

function joinPieces(pieces: readonly Piece[]): Body {
  const joined: Piece[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    const follows =
      last !== undefined &&
      last.bytes === piece.bytes &&
      last.seed === piece.seed &&
      last.offset + last.size === piece.offset
    if (follows) joined.splice(-1, 1, { ...last, size: last.size + piece.size })
    else joined.push(piece)
  }
  const size = joined.reduce((sum, piece) => sum + piece.size, 0)
  const [only] = joined
  return joined.length === 1 && only !== undefined ? only : { pieces: joined, size }
}

/** The content in chunks of at most 1 MiB. */
export function* readBody(body: Body): Generator<Buffer> {
  for (const piece of piecesOf(body)) {
    for (let done = 0; done < piece.size; done += CHUNK_BYTES) {
      yield readPiece(piece, done, Math.min(CHUNK_BYTES, piece.size - done))
    }
  }
}

function readPiece(piece: Piece, at: number, size: number): Buffer {
  const offset = piece.offset + at
  if (piece.bytes !== undefined) return piece.bytes.subarray(offset, offset + size)
  const chunk = Buffer.allocUnsafe(size)
  // Every noise block starts with its seed and number, so that no two seeds give equal bytes.
  for (let done = 0; done < size; ) {
    const within = (offset + done) % NOISE_BYTES
    const copied = noise.copy(chunk, done, within)
    stampBlock(chunk, done - within, [piece.seed, Math.floor((offset + done) / NOISE_BYTES)])
    done += copied
  }
  return chunk
}

function stampBlock(chunk: Buffer, blockStart: number, words: readonly [number, number]): void {
  for (let index = 0; index < 8; index += 1) {
    const at = blockStart + index
    const word = words[index < 4 ? 0 : 1]
    if (at >= 0 && at < chunk.length) chunk[at] = (word >>> ((index % 4) * 8)) & 0xff
  }
}

/** Whether digests of the content are its own. */
export const isExact = (body: Body): boolean =>
  body.size <= EXACT_DIGEST_BYTES || piecesOf(body).every((piece) => piece.bytes !== undefined)

/** The hex MD5 of the content; for large synthetic bodies a stand-in that equal contents share. */
export function md5Of(body: Body): string {
  if (!isExact(body)) {
    const plan = piecesOf(body).map(({ bytes, ...rest }) => [bytes && hash('md5', bytes), rest])
    return hash('md5', JSON.stringify(plan))
  }
  const digest = createHash('md5')
  for (const chunk of readBody(body)) digest.update(chunk)
  return digest.digest('hex')
}
