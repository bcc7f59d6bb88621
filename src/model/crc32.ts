/** The polynomial of CRC-32, its bits from the lowest on. */
const POLYNOMIAL = 0xedb88320
const BITS = 32

type Matrix = Uint32Array

/** A vector of 32 bits times a matrix over GF(2). */
function times(matrix: Matrix, vector: number): number {
  let sum = 0
  for (let bit = 0, rest = vector; rest !== 0; bit++, rest >>>= 1)
    if (rest & 1) sum ^= matrix[bit] ?? 0
  return sum >>> 0
}

const squareOf = (matrix: Matrix): Matrix => matrix.map((row) => times(matrix, row))

/** What one bit of zeros does to a checksum. */
function oneZeroBit(): Matrix {
  const matrix = new Uint32Array(BITS)
  matrix[0] = POLYNOMIAL
  for (let bit = 1; bit < BITS; bit++) matrix[bit] = 2 ** (bit - 1)
  return matrix
}

/** The CRC-32 of two pieces of content in a row, by that of each and the length of the second one in bytes. */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let power = squareOf(squareOf(squareOf(oneZeroBit())))
  let moved = first
  for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    if (bytes % 2 === 1) moved = times(power, moved)
    power = squareOf(power)
  }
  return (moved ^ second) >>> 0
}

/** A CRC-32 as S3 writes it. */
export function crc32Text(value: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes.toString('base64')
}
