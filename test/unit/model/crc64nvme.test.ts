import fc from 'fast-check'
import { CHECKSUMS } from 's3-direct-sync-testkit/s3/checksums.ts'
import { describe, expect, it } from 'vitest'
import { Crc64Nvme } from '../../../src/model/crc64nvme.ts'

describe('a CRC-64/NVME', () => {
  it('is the one that S3 computes, whatever the pieces that its content comes in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const crc = new Crc64Nvme()
        for (const piece of pieces) crc.add(Buffer.from(piece))
        expect(crc.text()).toBe(CHECKSUMS['crc64nvme']?.(Buffer.concat(pieces)))
      }),
    )
    const known = new Crc64Nvme()
    known.add(Buffer.from('123456789'))
    expect(Buffer.from(known.text(), 'base64').toString('hex')).toBe('ae8b14860a799888')
  })
})
