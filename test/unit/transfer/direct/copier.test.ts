import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/adapters/clock.ts'
import { failureKind } from '../../../../src/errors/catalogue.ts'
import type { CopyOp } from '../../../../src/model/op.ts'
import type { Found } from '../../../../src/model/proof.ts'
import { Capabilities } from '../../../../src/storage/capabilities.ts'
import { retrying } from '../../../../src/storage/retrying.ts'
import type {
  HeadResult,
  ObjectWrite,
  PartedChecksum,
  PinnedObject,
} from '../../../../src/storage/store.ts'
import { directCopier } from '../../../contract/direct-copier.ts'
import { scriptedObjects, scriptedStore } from '../../../ports.ts'
import { refusal, silence } from './failing.ts'

const BEGAN_MS = Date.parse('2026-01-01T12:00:00Z')
const OP: CopyOp = {
  op: 'copy',
  key: 'data/k',
  to: 'copy/k',
  size: 5,
  etag: 'planned',
  lastModified: '2026-01-01T00:00:00.000Z',
  reason: 'missing',
}

const found = (etag: string, more: Partial<Found> = {}): Found => ({
  etag,
  size: 5,
  modified: '2026-01-01T00:00:00Z',
  ...more,
})

interface Scene {
  readonly op?: Partial<CopyOp>
  /** Copied before it by the same copier. */
  readonly before?: readonly Partial<CopyOp>[]
  /** Both sides as a look finds them. */
  readonly source?: () => Found | undefined
  readonly destination?: () => Found | undefined
  /** What the requests end with, one after the other; then they succeed. */
  readonly failures?: readonly (Error | undefined)[]
  readonly retryCount?: number
  readonly replan?: boolean
  /** The ETag that the service gives the copy, where that is not the source's. */
  readonly given?: string
  readonly required?: boolean
  /** Of both sides; AWS where none is given. */
  readonly endpoint?: string
  readonly tags?: 'drop'
  /** What a look at the first part of the source is refused by. */
  readonly ofPart?: Error
}

async function scene({ op, source, destination, failures = [], ...more }: Scene) {
  const writes: {
    readonly from: PinnedObject
    readonly only: ObjectWrite['only']
    readonly headers?: ObjectWrite['headers']
  }[] = []
  let dropped = 0
  let streamed = 0
  const objects = scriptedObjects({
    read: async () => ({ size: 5, etag: 'planned', headers: {}, bytes: Buffer.from('hello') }),
    tags: async () => '',
    put: async () => {
      streamed++
      return 'planned'
    },
    describe: async (_from, _limit, what) => {
      if (what === 'first-part' && more.ofPart) throw more.ofPart
      return { size: 5, etag: 'planned', headers: {} }
    },
    stat: async () => undefined,
    startUpload: async ({ to }) => ({ ...to, uploadId: 'u' }),
    copyPart: async () => 'part',
    completeUpload: async () => 'planned',
    copy: async (from, { only, headers }) => {
      const failure = failures[writes.length]
      writes.push({ from, only, headers })
      if (failure) throw failure
      return more.given ?? from.etag
    },
  })
  const store = scriptedStore({ objects })
  const place = { prefix: '', single: false, region: 'r', endpoint: more.endpoint, store }
  const copier = directCopier({
    source: { ...place, bucket: 'src' },
    destination: { ...place, bucket: 'dst' },
    lookAtSource: async () => (source ?? (() => found('planned')))(),
    lookAtDestination: async () => destination?.(),
    replan: more.replan ?? true,
    objects: retrying(objects, { clock: systemClock, retryCount: more.retryCount ?? 0 }),
    required: more.required ?? false,
    onDropped: () => dropped++,
    options: more.tags ? { tags: more.tags } : {},
  })
  for (const earlier of more.before ?? []) await copier.copy({ ...OP, ...earlier }, BEGAN_MS)
  const ending = await copier.copy({ ...OP, ...op }, BEGAN_MS)
  return { ending, writes, dropped, streamed }
}

const ELSEWHERE = 'https://s3.example.com'

const refused = refusal('PreconditionFailed', 412)
const unknown = refusal('NotImplemented', 501)

describe('a copy that is refused', () => {
  it('for a source that changed is made of what is there now', async () => {
    const source = () => found('newer', { size: 9 })
    const { ending, writes } = await scene({ failures: [refused], source })
    expect(ending).toMatchObject({ status: 'done', as: { etag: 'newer', size: 9 } })
    expect(writes.map(({ from, only }) => [from.etag, only])).toEqual([
      ['planned', 'absent'],
      ['newer', 'absent'],
    ])
  })

  it('for a source that never rests is given up', async () => {
    let version = 0
    const source = () => found(`v${++version}`)
    const failures = Array.from({ length: 9 }, () => refused)
    const { ending, writes } = await scene({ failures, source })
    expect(ending).toMatchObject({ status: 'failed', code: 'SourceChanged' })
    expect(writes.length).toBe(4)
  })

  it('for a destination that is gone is made anew, unless that was not approved', async () => {
    const gone = { op: { toEtag: 'old' }, failures: [refusal('NoSuchKey', 404)] }
    const { ending, writes } = await scene(gone)
    expect(ending.status).toBe('done')
    expect(writes.map(({ only }) => only)).toEqual([{ etag: 'old' }, 'absent'])
    const approved = await scene({ ...gone, replan: false })
    expect(approved.ending).toMatchObject({ code: 'DestinationChanged' })
  })

  it('for a destination that somebody else wrote leaves it', async () => {
    for (const retryCount of [0, 5]) {
      const destination = () => found('theirs', { modified: '2026-01-01T13:00:00Z' })
      const { ending, writes } = await scene({ failures: [refused], destination, retryCount })
      expect(ending).toMatchObject({ status: 'failed', code: 'DestinationChanged' })
      expect(writes.length).toBe(1)
    }
  })

  it('for nothing that can be seen says so', async () => {
    const { ending } = await scene({ failures: [refused, refused, refused, refused] })
    expect(ending).toMatchObject({ status: 'failed', code: 'PreconditionFailed' })
  })

  it('is told as it was refused when nobody can look', async () => {
    const source = () => {
      throw refusal('AccessDenied', 403)
    }
    const { ending } = await scene({ failures: [refused], source })
    expect(ending).toMatchObject({ status: 'failed', code: 'PreconditionFailed' })
  })
})

describe('a copy under another ETag than the planned one', () => {
  const given = 'another'

  it('is none that was approved where the source is another by now, or gone', async () => {
    for (const source of [() => found('newer'), () => undefined]) {
      const { ending, writes } = await scene({ given, source, replan: false })
      expect(ending).toMatchObject({
        status: 'failed',
        code: 'SourceChanged',
        message: expect.stringContaining('may have content that was not approved'),
      })
      expect(writes.length).toBe(1)
    }
  })

  it('is done where the source is as it was approved', async () => {
    const { ending } = await scene({ given, replan: false })
    expect(ending).toEqual({ status: 'done', etag: given })
  })

  it('is done where nobody approved anything, and the source is not looked at', async () => {
    const source = () => {
      throw new Error('must not be asked')
    }
    expect((await scene({ given, source })).ending).toEqual({ status: 'done', etag: given })
    const same = await scene({ source, replan: false })
    expect(same.ending).toEqual({ status: 'done', etag: 'planned' })
  })

  it('is not told as done when the source cannot be looked at', async () => {
    const source = () => {
      throw refusal('AccessDenied', 403)
    }
    const { ending } = await scene({ given, source, replan: false })
    expect(ending).toMatchObject({ status: 'failed', code: 'AccessDenied' })
  })
})

describe('a copy that nothing was heard of, and that is refused then,', () => {
  const written = (modified: string, size = 5) => ({
    failures: [silence(), refused],
    retryCount: 1,
    destination: () => found('another', { modified, size }),
  })

  it('stands there under an ETag of its own', async () => {
    const { ending } = await scene(written('2026-01-01T12:00:00Z'))
    expect(ending).toMatchObject({ status: 'done', etag: 'another' })
  })

  it('does not when what stands there is older, or of another size', async () => {
    for (const other of [written('2026-01-01T11:59:59Z'), written('2026-01-01T12:00:01Z', 6)])
      expect((await scene(other)).ending).toMatchObject({ code: 'DestinationChanged' })
  })

  it('does not when it was only asked to be slower', async () => {
    const failures = [refusal('SlowDown', 503), refused]
    const { ending } = await scene({ ...written('2026-01-01T12:00:01Z'), failures })
    expect(ending).toMatchObject({ code: 'DestinationChanged' })
  })
})

describe('conditions that a service does not know', () => {
  it('are left away, once', async () => {
    const { ending, writes, dropped } = await scene({ failures: [unknown] })
    expect(ending.status).toBe('done')
    expect(writes.map(({ only }) => only)).toEqual(['absent', undefined])
    expect(dropped).toBe(1)
  })

  it('are not to blame for what it does not know either without them', async () => {
    const { ending, dropped } = await scene({ failures: [unknown, unknown, unknown, unknown] })
    expect(ending).toMatchObject({ status: 'failed', code: 'NotImplemented' })
    expect(dropped).toBe(0)
  })

  it('are not left away where they are a promise', async () => {
    const failures = [unknown, unknown, unknown]
    const { ending, writes } = await scene({ failures, required: true })
    expect(ending).toMatchObject({ status: 'failed', code: 'NotImplemented' })
    expect(writes.map(({ only }) => only)).toEqual(['absent', 'absent'])
  })

  it('are looked for one after the other, and what the service takes is kept', async () => {
    const { writes, dropped } = await scene({ failures: [unknown, unknown] })
    expect(writes.map(({ from, only }) => [only, from.unasked])).toEqual([
      ['absent', undefined],
      [undefined, undefined],
      ['absent', true],
    ])
    expect(dropped).toBe(0)
  })

  it('are not left away where the destination is not as it was listed', async () => {
    const { ending, writes } = await scene({
      failures: [unknown],
      destination: () => found('theirs', { modified: '2026-01-01T13:00:00Z' }),
    })
    expect(ending).toMatchObject({ code: 'DestinationChanged' })
    expect(writes.length).toBe(1)
  })

  it.each(['InvalidArgument', 'UnsupportedHeader'])(
    'may be called anything: 400 %s',
    async (code) => {
      const { ending, dropped } = await scene({ failures: [refusal(code, 400)] })
      expect([ending.status, dropped]).toEqual(['done', 1])
    },
  )

  it.each(['AccessDenied', 'EntityTooLarge', 'InvalidStorageClass'])(
    'are not meant by %s',
    async (code) => {
      const { ending, writes } = await scene({ failures: [refusal(code, 403)] })
      expect(ending).toMatchObject({ code })
      expect(writes.length).toBe(1)
    },
  )
})

describe('a service that answers conditions and something else by one code', () => {
  it('is tried without them for the next object, though the one before was refused for itself', async () => {
    const odd = refusal('InvalidArgument', 400)
    const { ending, dropped } = await scene({
      before: [{ key: 'data/first' }],
      failures: [odd, odd, odd, odd, odd],
    })
    expect([ending.status, dropped]).toEqual(['done', 1])
  })

  it('is not tried for ever', async () => {
    const before = Array.from({ length: 150 }, (_, at) => ({ key: `data/${at}` }))
    const failures = Array.from({ length: 1000 }, () => refusal('InvalidArgument', 400))
    const { writes } = await scene({ before, failures })
    expect(writes.length).toBe(100 * 4 + 51)
  })
})

describe('a service that took a condition once', () => {
  const stale = { destination: () => undefined, failures: [undefined, refused] }

  it('is believed when it says that one does not hold, whatever a look shows', async () => {
    const { ending, writes, dropped } = await scene({ ...stale, before: [{ key: 'data/first' }] })
    expect(ending).toMatchObject({ status: 'failed', code: 'PreconditionFailed' })
    expect([writes.length, dropped]).toEqual([2, 0])
  })

  it('may still not know one of another kind', async () => {
    const destination = () => found('old')
    const { ending, writes } = await scene({
      ...stale,
      destination,
      op: { toEtag: 'old' },
      before: [{ key: 'data/first' }],
    })
    expect(ending.status).toBe('done')
    expect(writes.map(({ only }) => only)).toEqual(['absent', { etag: 'old' }, undefined])
  })
})

describe('a destination whose listing told no ETag', () => {
  const op = { toEtag: '', toSize: 5, toLastModified: '2026-01-01T00:00:00.000Z' }

  it('is overwritten where it has the size and time that were listed, and sends no condition', async () => {
    const { ending, writes } = await scene({ op, destination: () => found('any') })
    expect(ending.status).toBe('done')
    expect(writes.map(({ only }) => only)).toEqual([undefined])
  })

  it.each([{ size: 6 }, { modified: '2026-01-01T00:00:01Z' }])(
    'is left as it is where it was written since: %j',
    async (more) => {
      const { ending, writes } = await scene({ op, destination: () => found('any', more) })
      expect(ending).toMatchObject({ code: 'DestinationChanged' })
      expect(writes).toEqual([])
    },
  )
})

describe('an object in parts that no condition guards', () => {
  const large = { ...OP, size: 3 * 2 ** 30, etag: 'planned-3' }

  /** What somebody else writes while the parts are made, and the calls that end the upload. */
  async function overtakenBy(theirs: Found | undefined, conditionalWrites: boolean) {
    const calls: string[] = []
    let standing: Found | undefined
    const objects = scriptedObjects({
      describe: async () => ({ size: large.size, etag: large.etag, headers: {} }),
      tags: async () => '',
      stat: async () => undefined,
      startUpload: async ({ to }) => ({ ...to, uploadId: 'u' }),
      copyPart: async () => {
        standing = theirs
        return 'p'
      },
      completeUpload: async (_upload, { only }) => {
        if (only !== undefined) throw unknown
        calls.push('complete')
        return 'new-3'
      },
      abortUpload: async () => void calls.push('abort'),
    })
    const place = { prefix: '', single: false, region: 'r', endpoint: undefined }
    const store = scriptedStore({ objects, capabilities: new Capabilities() })
    if (!conditionalWrites) store.capabilities.lacksConditionalWrites()
    const copier = directCopier({
      source: { ...place, store, bucket: 'src' },
      destination: { ...place, store, bucket: 'dst' },
      lookAtSource: async () => found(large.etag, { size: large.size }),
      lookAtDestination: async () => standing,
    })
    const ending = await copier.copy(large, BEGAN_MS)
    return { ending, completed: calls.includes('complete') }
  }

  it.each([true, false])(
    'is left as somebody else wrote it meanwhile; conditions are known to be refused: %s',
    async (known) => {
      const { ending, completed } = await overtakenBy(found('theirs'), !known)
      expect(ending).toMatchObject({ code: 'DestinationChanged' })
      expect(completed).toBe(false)
    },
  )

  it.each([true, false])(
    'is put together where nobody did; conditions are known to be refused: %s',
    async (known) => {
      const { ending, completed } = await overtakenBy(undefined, !known)
      expect(ending).toMatchObject({ status: 'done', etag: 'new-3' })
      expect(completed).toBe(true)
    },
  )
})

describe('an object in parts gets the checksum of its source', () => {
  const large = { ...OP, size: 3 * 2 ** 30, etag: 'planned-3' }
  const sums = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values))

  /** What the upload is begun and put together with. */
  async function told(endpoint: string | undefined, source: Partial<HeadResult> | Error) {
    const asked: (PartedChecksum | undefined)[] = []
    const objects = scriptedObjects({
      describe: async () => ({ size: large.size, etag: large.etag, headers: {} }),
      tags: async () => '',
      stat: async () => {
        if (source instanceof Error) throw source
        const { size, etag } = large
        return { size, etag, modified: '', restored: false, ...source }
      },
      startUpload: async ({ to, whole }) => {
        asked.push(whole)
        return { ...to, uploadId: 'u' }
      },
      copyPart: async () => 'p',
      completeUpload: async (_upload, { whole }) => {
        asked.push(whole)
        return 'new-3'
      },
    })
    const place = { prefix: '', single: false, region: 'r', endpoint }
    const store = scriptedStore({ objects })
    const copier = directCopier({
      source: { ...place, store, bucket: 'src' },
      destination: { ...place, store, bucket: 'dst' },
      lookAtSource: async () => found(large.etag, { size: large.size }),
    })
    expect(await copier.copy(large, BEGAN_MS)).toMatchObject({ status: 'done' })
    return asked
  }

  it('and AWS is told its value, so that it makes nothing else', async () => {
    const checksums = sums({ CRC32C: 'AAAAAA==', SHA256: 'x' })
    const whole = { algorithm: 'CRC32C', value: 'AAAAAA==' }
    expect(await told(undefined, { checksums })).toEqual([whole, whole])
    expect(await told(ELSEWHERE, { checksums })).toEqual([
      { algorithm: 'CRC32C' },
      { algorithm: 'CRC32C' },
    ])
  })

  it('or S3’s own, where that has none, or does not tell it', async () => {
    const own = [{ algorithm: 'CRC64NVME' }, { algorithm: 'CRC64NVME' }]
    expect(await told(undefined, { checksums: sums({}) })).toEqual(own)
    expect(await told(undefined, refusal('AccessDenied', 403))).toEqual(own)
    expect(await told(ELSEWHERE, { checksums: sums({}) })).toEqual([undefined, undefined])
  })

  it('but not that of another object', async () => {
    const checksums = sums({ CRC32C: 'AAAAAA==' })
    expect(await told(ELSEWHERE, { checksums, etag: 'other-3' })).toEqual([undefined, undefined])
  })
})

describe('an object with tags that the destination refuses', () => {
  it.each([
    ['InvalidArgument', 400],
    ['NotImplemented', 501],
  ])('is told with what to set, whatever the service calls that: %s', async (code, status) => {
    const objects = scriptedObjects({
      copy: () => Promise.reject(unknown),
      read: async () => ({
        bytes: Buffer.from('hello'),
        size: 5,
        etag: 'planned',
        headers: { 'x-amz-tagging-count': '1' },
      }),
      tags: async () => 'a=b',
      put: () => Promise.reject(refusal(code, status)),
    })
    const place = { prefix: '', single: false, region: 'r', endpoint: 'http://localhost' }
    const store = scriptedStore({ objects })
    const copier = directCopier({
      source: { ...place, store, bucket: 'src' },
      destination: { ...place, store, bucket: 'dst' },
      lookAtDestination: async () => undefined,
    })
    const ending = await copier.copy(OP, BEGAN_MS)
    expect(ending).toMatchObject({ code: 'TagsRefused', message: `${code}: ${code}` })
    expect(failureKind('TagsRefused').resolution).toContain('set tags: drop')
  })
})

it('a copy that was sent with a condition which others found unknown meanwhile goes without it, too', async () => {
  const first = Promise.withResolvers<void>()
  const objects = scriptedObjects({
    copy: async ({ key, etag, unasked }) => {
      if (unasked) return etag
      if (key !== 'data/first') await first.promise
      throw refused
    },
  })
  const place = { prefix: '', single: false, region: 'r', endpoint: undefined }
  const store = scriptedStore({ objects, capabilities: new Capabilities() })
  const copier = directCopier({
    source: { ...place, store, bucket: 'src' },
    destination: { ...place, store, bucket: 'dst' },
    lookAtSource: async () => found('planned'),
    lookAtDestination: async () => undefined,
  })
  const later = copier.copy(OP, BEGAN_MS)
  expect(await copier.copy({ ...OP, key: 'data/first' }, BEGAN_MS)).toMatchObject({
    status: 'done',
  })
  first.resolve()
  expect(await later).toMatchObject({ status: 'done' })
})

describe('what stands before another service', () => {
  const forbidden = { failures: [refusal('AccessDenied', 403)], endpoint: 'http://localhost' }

  it('may forbid conditions, which are left away then', async () => {
    const { ending, writes, dropped } = await scene(forbidden)
    expect([ending.status, dropped]).toEqual(['done', 1])
    expect(writes.map(({ only }) => only)).toEqual(['absent', undefined])
  })

  it('is believed where it let one pass before', async () => {
    const failures = [undefined, ...forbidden.failures]
    const before = [{ key: 'data/first' }]
    const { ending, writes } = await scene({ ...forbidden, failures, before })
    expect(ending).toMatchObject({ status: 'failed', code: 'AccessDenied' })
    expect(writes.length).toBe(2)
  })
})

describe('an answer without an ETag', () => {
  it('is one where the object stands there behind it', async () => {
    const destination = () => found('another', { modified: '2026-01-01T12:00:01Z' })
    const { ending } = await scene({ given: '', destination })
    expect(ending).toMatchObject({ status: 'done', etag: 'another' })
  })

  it('is none where it does not', async () => {
    const { ending } = await scene({ given: '' })
    expect(ending).toMatchObject({ status: 'failed', code: 'InternalError' })
  })
})

describe('with overwrite: never', () => {
  it('a copy is made where nothing stands, and the service is told so', async () => {
    const { ending, writes } = await scene({ required: true })
    expect(ending.status).toBe('done')
    expect(writes.map(({ only }) => only)).toEqual(['absent'])
  })

  it('a copy onto another object is never sent, whatever the plan says', async () => {
    const { ending, writes } = await scene({ required: true, op: { toEtag: 'theirs' } })
    expect(ending).toMatchObject({ status: 'failed', code: 'DestinationExists' })
    expect(writes).toEqual([])
  })
})

describe('a copy whose source is not found, though it is there as it was listed,', () => {
  it.each(['NoSuchKey', 'NoSuchBucket'])(
    'passes through where the service is not AWS: %s',
    async (code) => {
      for (const required of [false, true]) {
        const failures = [refusal(code, 404)]
        const { ending, streamed } = await scene({ failures, endpoint: ELSEWHERE, required })
        expect([ending.status, streamed]).toEqual(['done', 1])
      }
    },
  )

  it('does not on AWS, and is not told as removed', async () => {
    const { ending, streamed } = await scene({ failures: [refusal('NoSuchKey', 404)] })
    expect(ending).toMatchObject({ status: 'failed', code: 'NotImplemented' })
    expect(streamed).toBe(0)
  })

  it('is looked for before: what is gone is gone', async () => {
    const failures = [refusal('NoSuchKey', 404)]
    const { ending, streamed } = await scene({
      failures,
      endpoint: ELSEWHERE,
      source: () => undefined,
    })
    expect(ending).toMatchObject({ status: 'failed', code: 'NoSuchKey' })
    expect(streamed).toBe(0)
  })
})

it('a copy that a VPC endpoint does not let S3 make between regions passes through', async () => {
  const message = 'VPC endpoints do not support cross-region requests'
  const failures = [Object.assign(refusal('AccessDenied', 403), { message })]
  const { ending, streamed } = await scene({ failures })
  expect([ending.status, streamed]).toEqual(['done', 1])
})

describe('tags are left behind', () => {
  const told = (writes: Awaited<ReturnType<typeof scene>>['writes']) =>
    writes.map(({ headers }) => headers?.['x-amz-tagging-directive'])

  it('by a word to the service', async () => {
    const { writes } = await scene({ endpoint: ELSEWHERE, tags: 'drop' })
    expect(told(writes)).toEqual(['REPLACE'])
  })

  it('without it where the service does not know that word', async () => {
    const { ending, writes, streamed, dropped } = await scene({
      failures: [unknown],
      endpoint: ELSEWHERE,
      tags: 'drop',
    })
    expect(told(writes)).toEqual(['REPLACE', undefined])
    expect([ending.status, streamed, dropped]).toEqual(['done', 0, 0])
  })

  it('never without it on AWS, which copies tags', async () => {
    const { ending, writes } = await scene({
      failures: [unknown, unknown, unknown, unknown],
      tags: 'drop',
    })
    expect(ending.status).toBe('failed')
    expect(told(writes)).not.toContain(undefined)
  })
})

it.each([
  ['knows none', 400, 'InvalidArgument'],
  ['knows none', 501, 'NotImplemented'],
  ['tells another ETag of it', 412, 'PreconditionFailed'],
])('an object in parts is copied where the service %s: %i %s', async (_what, status, code) => {
  const op = { etag: 'planned-20', size: 2 * 2 ** 30 }
  const source = () => found('planned-20', { size: op.size })
  const { ending, writes } = await scene({ op, source, ofPart: refusal(code, status) })
  expect(ending).toMatchObject({ status: 'done', etag: 'planned' })
  expect(writes).toEqual([])
})
