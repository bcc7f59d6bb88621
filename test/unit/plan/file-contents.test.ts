import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import { FileContents } from '../../../src/plan/file-contents.ts'
import type { PartRules } from '../../../src/plan/part.ts'
import type { DigestWish, FileDigest, LocalFiles } from '../../../src/storage/local-files.ts'
import type { ObjectChecksums } from '../../../src/storage/store.ts'

const MD5 = '5d41402abc4b2a76b9719d911017c592'
const PARTED = `${MD5}-2`

const object = (etag: string, size = 5): ObjectInfo => ({
  key: toKeyBytes('a'),
  size,
  etag,
  modified: '2026-01-01T00:00:00Z',
  storageClass: '',
  restored: false,
})

/** What a file turns out to be known by, and what was asked for that. */
async function known(
  to: ObjectInfo | undefined,
  {
    digest = {},
    stored,
    compare = 'auto',
    namesAll = false,
    mustKnow = false,
    firstPart,
  }: {
    readonly digest?: Partial<FileDigest> | Error
    readonly stored?: Partial<ObjectChecksums>
    readonly compare?: string
    readonly namesAll?: boolean
    readonly mustKnow?: boolean
    /** Bytes of the object's first part, where the service tells. */
    readonly firstPart?: number
  },
) {
  const asked: string[] = []
  const files = {
    partBytes: () => 8,
    digest: async (key: string, wish: Partial<DigestWish> = {}) => {
      asked.push(`read ${key} ${wish.alsoBy ?? ''} ${wish.algorithms ?? ''}`.trim())
      if (digest instanceof Error) throw digest
      return { size: 5, etag: 'own', checksums: new Map([['CRC32', 'crc']]), ...digest }
    },
  } as unknown as LocalFiles
  const around = {
    rules: { compare, overwrite: 'if-different' },
    scope: { has: () => true },
    source: { prefix: '' },
    destination: { prefix: 'copy/', bucket: 'dst' },
    skewMs: Number.NEGATIVE_INFINITY,
  } as unknown as PartRules
  const contents = new FileContents(around, {
    files,
    namesAll,
    mustKnow,
    signal: new AbortController().signal,
    store: {
      checksums: async (_bucket, key) => {
        asked.push(`head ${key}`)
        return { etag: to?.etag ?? '', values: new Map(), ...stored }
      },
      objects: {
        describe: async ({ key }, _limit, what) => {
          asked.push(`head ${key} ${what}`)
          const etag = to?.etag ?? ''
          return { size: 5, etag, headers: { 'content-length': `${firstPart ?? 5}` } }
        },
      },
    },
    requestTimeoutMs: 1000,
  })
  const { etag } = await contents.known(object(''), to)
  return { etag, asked }
}

describe('a file', () => {
  it('is not read where size, or what was asked for, says all', async () => {
    expect(await known(undefined, {})).toEqual({ etag: '', asked: [] })
    expect(await known(object(MD5, 6), {})).toEqual({ etag: '', asked: [] })
    expect(await known(object(MD5), { compare: 'size' })).toEqual({ etag: '', asked: [] })
    expect(await known(object(MD5), { compare: 'always' })).toEqual({ etag: '', asked: [] })
  })

  it('is read where a plan shall name what it holds', async () => {
    expect(await known(undefined, { namesAll: true })).toEqual({ etag: 'own', asked: ['read a'] })
  })

  it('is known by an MD5 without a look, and by a checksum where the ETag is none', async () => {
    const same = await known(object(MD5), { digest: { alsoEtag: MD5 } })
    expect(same).toEqual({ etag: MD5, asked: ['read a Infinity'] })
    const kms = await known(object(MD5), { stored: { values: new Map([['CRC32', 'crc']]) } })
    expect(kms).toEqual({ etag: MD5, asked: ['read a Infinity', 'head copy/a'] })
    const other = await known(object(MD5), { stored: { values: new Map([['CRC32', 'other']]) } })
    expect(other.etag).toBe('own')
  })

  it('is compared with an object in parts by the sizes that it says, never by a guess', async () => {
    const ours = await known(object(PARTED), {
      digest: { alsoEtag: PARTED },
      stored: { partBytes: 16 },
    })
    expect(ours).toEqual({ etag: PARTED, asked: ['head copy/a', 'read a 16'] })
    const theirs = await known(object(PARTED), {
      digest: { alsoEtag: undefined },
      stored: { values: new Map([['CRC64NVME', 'x']]) },
    })
    expect(theirs.etag).toBe('own')
    expect(theirs.asked[1]).toBe('read a 8 CRC64NVME')
  })

  it('is compared by the size of the first part where nothing else tells', async () => {
    const told = { digest: { alsoEtag: PARTED }, firstPart: 3 }
    expect(await known(object(PARTED), told)).toEqual({
      etag: PARTED,
      asked: ['head copy/a', 'head copy/a first-part', 'read a 3'],
    })
    const alike = await known(object(PARTED), { digest: { alsoEtag: 'other' }, firstPart: 3 })
    expect(alike.etag).toBe('own')
    // Who tells of the whole does not know parts.
    const untold = await known(object(PARTED), { digest: { alsoEtag: 'other' }, firstPart: 5 })
    expect(untold.asked.at(-1)).toBe('read a 8')
  })

  it('that changed under the look is not taken for what was listed', async () => {
    const values = new Map([['CRC32', 'crc']])
    expect((await known(object(PARTED), { stored: { etag: 'new', values } })).etag).toBe('own')
  })

  it('that cannot be read stays unknown, so that its upload fails by name', async () => {
    const digest = new ServiceError('FileUnreadable', 'EACCES', { status: 403 })
    expect((await known(object(MD5), { digest })).etag).toBe('')
    await expect(known(object(MD5), { digest: new Error('a fault') })).rejects.toThrow('a fault')
  })

  it('that cannot be read is no difference where nothing is uploaded: a plan or a check ends by its name', async () => {
    const digest = new ServiceError('FileUnreadable', 'EACCES', { status: 403 })
    await expect(known(object(MD5), { digest, mustKnow: true })).rejects.toThrow(
      '"a" cannot be compared: EACCES',
    )
  })
})
