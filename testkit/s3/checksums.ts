import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

type Checksum = (bytes: Buffer) => string

/** Base64 checksums by the suffix of their header: `x-amz-checksum-crc32`, … */
export const CHECKSUMS: Readonly<Record<string, Checksum>> = {
  crc32: (bytes) => base64Of(BigInt(crc32(bytes)), 4),
  crc32c: (bytes) => base64Of(BigInt(crc32c(bytes)), 4),
  crc64nvme: (bytes) => base64Of(crc64nvme(bytes), 8),
  md5: (bytes) => hash('md5', bytes, 'base64'),
  sha1: (bytes) => hash('sha1', bytes, 'base64'),
  sha256: (bytes) => hash('sha256', bytes, 'base64'),
  sha512: (bytes) => hash('sha512', bytes, 'base64'),
}

function base64Of(value: bigint, size: number): string {
  return Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex').toString('base64')
}

const CRC32C_TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value >>> 0
})

function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** The high and the low half of each entry: numbers of 32 bits are a hundred times as fast as those of any size. */
const CRC64_TABLE = new Uint32Array(512)
for (let index = 0; index < 256; index += 1) {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit += 1)
    value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n
  CRC64_TABLE[2 * index] = Number(value >> 32n)
  CRC64_TABLE[2 * index + 1] = Number(value & 0xffffffffn)
}

function crc64nvme(bytes: Buffer): bigint {
  let [high, low] = [0xffffffff, 0xffffffff]
  for (let at = 0; at < bytes.length; at += 1) {
    const entry = 2 * ((low ^ (bytes[at] ?? 0)) & 0xff)
    low = ((low >>> 8) | (high << 24)) ^ (CRC64_TABLE[entry + 1] ?? 0)
    high = (high >>> 8) ^ (CRC64_TABLE[entry] ?? 0)
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)
}
