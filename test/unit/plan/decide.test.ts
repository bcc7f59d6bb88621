import { describe, expect, it } from 'vitest'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import type { Compare } from '../../../src/model/request.ts'
import { decide } from '../../../src/plan/decide.ts'

/** `size etag second` */
function object(text: string): ObjectInfo | undefined {
  if (text === '-') return undefined
  const [size, etag = '', second] = text.split(' ')
  return {
    key: toKeyBytes('k'),
    size: Number(size),
    etag,
    modified: new Date(Number(second) * 1000).toISOString(),
    storageClass: '',
    restored: false,
  }
}

const TABLE: readonly (readonly [
  Compare,
  source: string,
  destination: string,
  decision: string,
])[] = [
  ['auto', '5 a 1', '-', 'copy missing'],
  ['auto', '5 a 1', '6 a 2', 'copy size-differs'],
  ['auto', '5 a 9', '5 a 1', 'skip same-etag'],
  ['auto', '5 a 2', '5 b 1', 'copy etag-differs'],
  ['auto', '5 a 1', '5 b 1', 'copy etag-differs'],
  ['auto', '5 a 1', '5 b 2', 'skip differs-unproven'],
  ['size', '5 a 2', '5 b 1', 'skip same-size'],
  ['size', '5 a 1', '6 a 1', 'copy size-differs'],
  ['size', '5 a 1', '-', 'copy missing'],
  ['newer', '5 a 2', '5 a 1', 'copy newer'],
  ['newer', '5 a 1', '6 b 1', 'skip not-newer'],
  ['newer', '5 a 1', '-', 'copy missing'],
  ['etag', '5 a 1', '5 b 9', 'copy etag-differs'],
  ['etag', '5 a 1', '6 a 9', 'skip same-etag'],
  ['missing', '5 a 9', '6 b 1', 'skip exists'],
  ['missing', '5 a 9', '-', 'copy missing'],
  ['always', '5 a 1', '5 a 1', 'copy always'],
  ['always', '5 a 1', '-', 'copy missing'],
]

describe('an object is compared', () => {
  it.each(TABLE)('%s: %s against %s: %s', (...[compare, source, destination, expected]) => {
    const from = object(source)
    if (!from) throw new Error('a source is needed')
    const decision = decide({ compare, overwrite: 'if-different' }, from, object(destination))
    const said = 'copy' in decision ? `copy ${decision.copy}` : `skip ${decision.skip}`
    expect(said).toBe(expected)
  })
})
