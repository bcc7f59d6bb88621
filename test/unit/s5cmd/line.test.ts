import { describe, expect, it } from 'vitest'
import type { WriteOptions } from '../../../src/model/write-options.ts'
import { addresses, copyLine, type LineRules, lineFlags } from '../../../src/s5cmd/line.ts'
import { splitWords } from '../../property/shell-words.ts'
import { copyOf } from '../transfer/copies.ts'

const rules = (options: WriteOptions = {}, metadataDirective = true): LineRules => ({
  source: { bucket: 'src' },
  destination: { bucket: 'dst', prefix: '', single: false },
  metadataDirective,
  options,
})

describe('the line of a copy', () => {
  it('names both addresses, in quotes, after its flags', () => {
    expect(copyLine(copyOf({ key: 'in/a b', to: "out/it's" }), rules())).toBe(
      String.raw`cp --raw --metadata-directive COPY 's3://src/in/a b' 's3://dst/out/it'\''s'`,
    )
  })

  it('is split by s5cmd into the addresses that were meant', () => {
    const op = copyOf({ key: `in/*?"$x\\ '`, to: 'out/#;&' })
    const { from, to } = addresses(op, rules())
    expect([from, to]).toEqual([`s3://src/in/*?"$x\\ '`, 's3://dst/out/#;&'])
    expect(splitWords(copyLine(op, rules())).slice(-2)).toEqual([from, to])
  })
})

describe('the flags of all lines', () => {
  it.each<[string, WriteOptions, boolean, string]>([
    ['keep the metadata', {}, true, '--raw --metadata-directive COPY'],
    ['say nothing to an s5cmd that keeps them by itself', {}, false, '--raw'],
    [
      'name how objects are stored',
      { storageClass: 'STANDARD_IA', sse: 'aws:kms', sseKmsKeyId: 'key-1', acl: 'private' },
      true,
      '--raw --metadata-directive COPY --storage-class STANDARD_IA --sse aws:kms --sse-kms-key-id key-1 --acl private',
    ],
    [
      'replace all metadata',
      { metadata: { cacheControl: 'no-store', contentType: 'text' } },
      true,
      '--raw --metadata-directive REPLACE --cache-control no-store --content-type text',
    ],
    ['replace all metadata by none', { metadata: {} }, true, '--raw --metadata-directive REPLACE'],
  ])('%s', (_what, ...[options, metadataDirective, flags]) => {
    expect(lineFlags(rules(options, metadataDirective))).toBe(flags)
  })

  it('are those of the rules for its key, where there are some', () => {
    const options: WriteOptions = {
      storageClass: 'STANDARD',
      metadata: { contentType: 'text/plain', cacheControl: 'no-store' },
      rules: [
        {
          files: ['a'],
          headers: {
            'cache-control': 'no-cache',
            'content-disposition': 'inline',
            'x-amz-meta-owner': 'me',
            'x-amz-meta-empty': '',
          },
          storageClass: 'GLACIER_IR',
        },
      ],
    }
    expect(copyLine(copyOf({ key: 'in/a', to: 'a' }), rules(options))).toMatch(
      /^cp --raw --metadata-directive REPLACE --cache-control no-cache --content-type 'text\/plain' --content-disposition inline --metadata 'owner=me' --metadata 'empty=' --metadata 's3-direct-sync-headers=[0-9a-f]{16}' --storage-class GLACIER_IR /,
    )
    expect(copyLine(copyOf({ key: 'in/b', to: 'b' }), rules(options))).toContain(
      "--cache-control no-store --content-type 'text/plain' --storage-class STANDARD ",
    )
  })

  it.each(['a b', 'a;b', ' a', 'a ', "it's", '$HOME', 'a\nb', ''])(
    'give the value %j to s5cmd as it is',
    (sseKmsKeyId) => {
      const words = splitWords(lineFlags(rules({ sseKmsKeyId }, false)))
      expect(words).toEqual(['--raw', '--sse-kms-key-id', sseKmsKeyId])
    },
  )
})
