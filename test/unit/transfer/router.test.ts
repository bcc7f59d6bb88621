import { describe, expect, it } from 'vitest'
import { shortened } from '../../../src/errors/service-error.ts'
import type { HeaderRule } from '../../../src/model/header-rules.ts'
import type { CopyOp } from '../../../src/model/op.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { WriteOptions } from '../../../src/model/write-options.ts'
import {
  mayGoDirect,
  type RouteRules,
  routeToDirect,
  s5cmdCannot,
  usesUpPorts,
} from '../../../src/transfer/router.ts'
import { copyOf } from './copies.ts'

const GIB = 2 ** 30
const rule = (headers: HeaderRule['headers'], more: Partial<HeaderRule> = {}): HeaderRule => ({
  files: ['*'],
  headers,
  ...more,
})
const auto: RouteRules = {
  transfer: { engine: 'auto', write: {} },
  s5cmd: { metadataDirective: true },
  destination: { prefix: '', single: false },
  fewPorts: false,
}
const compatible: RouteRules = {
  ...auto,
  destination: { ...auto.destination, endpoint: 'https://minio' },
}

/** How AWS denies a write, as far as it is kept. */
const denied = (rest: string, key = 'k') => ({
  code: 'AccessDenied',
  httpStatus: 403,
  message: shortened(
    `AccessDenied: User: arn:aws:sts::123456789012:assumed-role/Deploy/GitHubActions is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::dst/${key}" ${rest} status code: 403, request id: ${'0'.repeat(16)}, host id: ${'x'.repeat(76)}`,
  ),
})

describe('s5cmd', () => {
  it.each<[string, Partial<CopyOp>, string | undefined]>([
    ['an ordinary key', {}, undefined],
    ['a key that is not UTF-8', { unnameable: true }, 'not-utf-8'],
    ['an archived object', { archived: true }, 'archived'],
    ['a line break in the source', { key: 'in/a\nb' }, 'newline-in-key'],
    ['a line break in the target', { to: 'out/a\nb' }, 'newline-in-key'],
    ['a folder marker', { key: 'in/a/' }, 'trailing-slash'],
    ['a target that looks like a folder', { to: 'out/a/' }, 'trailing-slash'],
    ['5 GiB', { size: 5 * GIB }, undefined],
    ['more than 5 GiB', { size: 5 * GIB + 1 }, 'over-5-gib'],
    ['a dot segment', { key: 'in/./a' }, 'dot-segment'],
    ['a dot segment at the start', { key: './a' }, 'dot-segment'],
    ['a dot segment at the end', { key: 'in/..' }, 'dot-segment'],
    ['two dots in the target', { to: 'out/../a' }, 'dot-segment'],
    ['three dots', { key: 'in/.../a', to: 'out/.../a' }, undefined],
    ['dots in a name', { key: 'in/.a', to: 'out/a.' }, undefined],
    ['two dots around a name', { key: 'in/..a', to: 'out/a../b' }, undefined],
    ['a space, on AWS', { key: 'in/a b', to: 'out/a b' }, undefined],
  ])('carries %s, or the direct engine for a reason', (_what, more, why) => {
    const op = copyOf(more)
    expect(s5cmdCannot(op, auto)).toBe(why)
    expect(routeToDirect(op, auto)).toBe(why)
  })

  it('does not read keys with a space on other services, but writes them', () => {
    const reason = 'space-on-compatible-service'
    expect(routeToDirect(copyOf({ key: 'in/a b' }), compatible)).toBe(reason)
    expect(routeToDirect(copyOf({ to: 'out/a b' }), compatible)).toBeUndefined()
    expect(routeToDirect(copyOf(), compatible)).toBeUndefined()
  })

  it('copies no more than 4 GiB in one request on other services, some of which take less than 5', () => {
    const reason = 'over-4-gib-on-compatible-service'
    expect(routeToDirect(copyOf({ size: 4 * GIB + 1 }), compatible)).toBe(reason)
    expect(routeToDirect(copyOf({ size: 4 * GIB }), compatible)).toBeUndefined()
    expect(routeToDirect(copyOf({ size: 4 * GIB + 1 }), auto)).toBeUndefined()
  })

  it('does not drop tags', () => {
    const transfer = { ...auto.transfer, write: { tags: 'drop' as const } }
    expect(routeToDirect(copyOf(), { ...auto, transfer })).toBe('tags-dropped')
  })

  it.each<[string, WriteOptions, string | undefined]>([
    [
      'headers beside others that are kept',
      { rules: [rule({ 'cache-control': 'x' })] },
      'headers-by-rule',
    ],
    [
      'a language',
      { metadata: { contentType: 'a' }, rules: [rule({ 'content-language': 'x' })] },
      'headers-by-rule',
    ],
    [
      'headers where all are replaced',
      { metadata: {}, rules: [rule({ 'content-type': 'x' })] },
      undefined,
    ],
    ['a type that is kept', { metadata: {}, rules: [rule({ 'cache-control': 'x' })] }, 'type-kept'],
    ['tags', { rules: [rule({}, { tags: 'a=b' })] }, 'tags-by-rule'],
    ['no tags', { rules: [rule({}, { tags: '' })] }, 'tags-by-rule'],
    [
      'tags of some, where others are dropped',
      { tags: 'drop', rules: [rule({}, { tags: 'a=b' })] },
      'tags-by-rule',
    ],
    ['a class and an ACL', { rules: [rule({}, { storageClass: 'x', acl: 'y' })] }, undefined],
    [
      'what is for other keys',
      { rules: [{ ...rule({ 'cache-control': 'x' }), files: ['in/**'] }] },
      undefined,
    ],
  ])('goes by what a rule says of the key at the destination: %s', (_what, write, route) => {
    const rules = { ...auto, transfer: { engine: 'auto', write } } as const
    expect(routeToDirect(copyOf({ key: 'in/k', to: 'out/k' }), rules)).toBe(route)
  })

  it('does not name a bucket in the host of another service', () => {
    const variant = { fips: false, dualstack: false, bucketInHost: true } as const
    const destination = { ...auto.destination, endpoint: 'https://oss.example.com', variant }
    expect(routeToDirect(copyOf(), { ...auto, destination })).toBe('bucket-in-host')
  })

  it.each<[string, Partial<Outcome>, boolean]>([
    ['501', { code: 'NotImplemented', httpStatus: 501 }, true],
    ['a size that is too large', { code: 'EntityTooLarge', httpStatus: 400 }, true],
    ['400 and words for anything', { code: 'InvalidRequest', httpStatus: 400 }, true],
    ['a denial of the identity', { code: 'AccessDenied', httpStatus: 403 }, false],
    ['a denial of the bucket', denied('with an explicit deny in a resource-based policy'), true],
    [
      'a denial of the organization',
      denied(
        'with an explicit deny in a resource control policy: arn:aws:organizations::1:policy/x',
      ),
      true,
    ],
    [
      'a bucket that allows something else',
      denied('because no resource-based policy allows it'),
      true,
    ],
    ['a denial of the role', denied('with an explicit deny in an identity-based policy'), false],
    ['a role that lacks it', denied('because no identity-based policy allows it'), false],
    [
      'a key that reads like a denial of the bucket',
      denied(
        'because no identity-based policy allows it',
        '" with an explicit deny in a resource-based policy',
      ),
      false,
    ],
    [
      'a denial of the bucket behind a long key',
      denied('with an explicit deny in a resource-based policy', 'k'.repeat(1000)),
      true,
    ],
    [
      'a denial between regions',
      {
        code: 'AccessDenied',
        message: 'VPC endpoints do not support cross-region requests',
        httpStatus: 403,
      },
      true,
    ],
    ['a source that is not found, on AWS', { code: 'NoSuchKey', httpStatus: 404 }, false],
    ['a name that cannot be stored', { code: 'KeyTooLongError', httpStatus: 400 }, false],
    ['what may heal', { code: 'SlowDown', httpStatus: 503 }, false],
  ])('leaves to the direct engine what may go there after %s', (_what, refused, may) => {
    const outcome = {
      op: copyOf(),
      status: 'failed',
      engine: 's5cmd',
      attempts: 1,
      batchBeganMs: 0,
      ...refused,
    } as const
    expect(mayGoDirect(outcome, { engine: 'auto' }, {})).toBe(may)
    expect(mayGoDirect(outcome, { engine: 's5cmd' }, {})).toBe(false)
    expect(mayGoDirect({ ...outcome, engine: 'direct' }, { engine: 'auto' }, {})).toBe(false)
  })

  it.each(['NoSuchKey', 'NoSuchBucket'])(
    'leaves to the direct engine what another service does not find: %s',
    (code) => {
      const refused = { code, httpStatus: 404, status: 'failed', engine: 's5cmd' } as const
      const outcome = { op: copyOf(), attempts: 1, batchBeganMs: 0, ...refused }
      expect(mayGoDirect(outcome, { engine: 'auto' }, compatible.destination)).toBe(true)
    },
  )

  it('replaces metadata only since it knows the flag', () => {
    const how = { ...auto.transfer, write: { metadata: { contentType: 'text/x' } } }
    const old = { metadataDirective: false }
    expect(routeToDirect(copyOf(), { ...auto, transfer: how })).toBeUndefined()
    expect(routeToDirect(copyOf(), { ...auto, transfer: how, s5cmd: old })).toBe(
      'metadata-on-old-s5cmd',
    )
    expect(routeToDirect(copyOf(), { ...auto, s5cmd: old })).toBeUndefined()
    expect(s5cmdCannot(copyOf(), { ...auto, transfer: how, s5cmd: undefined })).toBe(
      'metadata-on-old-s5cmd',
    )
  })

  it('cannot replace metadata and keep the type of each object', () => {
    const how = { ...auto.transfer, write: { metadata: {} } }
    expect(routeToDirect(copyOf(), { ...auto, transfer: how })).toBe('type-kept')
  })
})

describe('the direct engine', () => {
  it.each<[string, Partial<RouteRules>, string]>([
    ['it was asked for', { transfer: { ...auto.transfer, engine: 'direct' } }, 'asked-for'],
    [
      'the whole request needs it',
      { transfer: { ...auto.transfer, engine: 'direct', directBecause: 'two-services' } },
      'two-services',
    ],
    ['there is no s5cmd', { s5cmd: undefined }, 's5cmd-unavailable'],
  ])('carries all when %s', (_when, more, reason) => {
    for (const op of [copyOf(), copyOf({ key: 'in/a\nb' })])
      expect(routeToDirect(op, { ...auto, ...more })).toBe(reason)
  })
})

describe('a system with few ports', () => {
  it.each([
    ['win32', 8001, true],
    ['darwin', 8001, true],
    ['win32', 8000, false],
    ['linux', 1_000_000, false],
  ])('%s with %d copies: %s', (platform, copies, uses) => {
    expect(usesUpPorts(platform, copies)).toBe(uses)
  })

  it('has its small objects copied by the direct engine, which keeps its connections', () => {
    const rules = { ...auto, fewPorts: true }
    expect(routeToDirect(copyOf({ size: 9_999_999 }), rules)).toBe('few-ports')
    expect(routeToDirect(copyOf({ size: 10_000_000 }), rules)).toBeUndefined()
    expect(routeToDirect(copyOf({ key: 'in/a/' }), rules)).toBe('trailing-slash')
    const asked = { ...rules, transfer: { ...rules.transfer, engine: 's5cmd' as const } }
    expect(routeToDirect(copyOf(), asked)).toBeUndefined()
  })
})
