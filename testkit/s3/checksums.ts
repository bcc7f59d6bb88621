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

const CRC64_TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n
  }
  return value
})

const ALL_64 = 0xffffffffffffffffn

function crc64nvme(bytes: Buffer): bigint {
  let crc = ALL_64
  for (const byte of bytes) {
    crc = (CRC64_TABLE[Number((crc ^ BigInt(byte)) & 0xffn)] ?? 0n) ^ (crc >> 8n)
  }
  return crc ^ ALL_64
}
