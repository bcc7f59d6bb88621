import * as sts from '@aws-sdk/client-sts'
import { type Listening, listenOnLoopback, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stsIdentity } from '../../src/adapters/identity.ts'
import { roleRefused } from '../../src/credentials/hints.ts'
import { ERROR_ENTRIES, entryOf, isThrottling, plainCode } from '../../src/errors/catalogue.ts'
import { SERVICE_CODES } from '../../src/errors/service-codes.ts'
import { isTransient, serviceFailure } from '../../src/errors/service-failure.ts'
import type { AccessRequest } from '../../src/model/request.ts'
import { serviceOf } from '../../src/model/service.ts'
import type { Identity } from '../../src/ports.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const ROLE = {
  roleArn: 'arn:aws:iam::123456789012:role/Sync',
  sessionName: 'test',
  durationSeconds: 3600,
}
const WHO = {
  roleArn: ROLE.roleArn,
  sts: serviceOf({ region: 'us-east-1' }),
} as AccessRequest
/** Claims: sub "repo:o/r", aud "sts", iss "https://i". */
const TOKEN = `e30.${Buffer.from('{"sub":"repo:o/r","aud":"sts","iss":"https://i"}').toString('base64url')}.s`

/** What the server answers to every request. */
let said = { status: 400, code: '', message: '' }
let server: Listening
let store: Store
let identity: Identity

beforeAll(async () => {
  server = await listenOnLoopback(
    webServer(false).on('request', (request, response) => {
      const { status, code, message } = said
      const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
      const asksSts = request.method === 'POST'
      request.resume()
      response.writeHead(status, { 'content-type': 'text/xml' })
      response.end(asksSts ? `<ErrorResponse>${error}</ErrorResponse>` : error)
    }),
  )
  const service = serviceOf({ endpoint: server.url, region: 'us-east-1' })
  const address = { service, timeoutMs: 5000 }
  store = s3Store({
    ...address,
    credentials: async () => KEYS,
    onExpired: () => {},
    maxAttempts: 1,
    maxSockets: 4,
  })
  identity = stsIdentity(address)
})
afterAll(async () => {
  store.close()
  await server.close()
})

const failureOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => expect.unreachable(),
    (error: unknown) => serviceFailure(error),
  )

/** Ways to hear what the server says: by both clients of the SDK, and by our own requests. */
const DOORS = {
  list: () => store.page({ bucket: 'b', prefix: '' }),
  copy: () =>
    store.objects.copy(
      { bucket: 'b', key: 'k', etag: 'e', size: 1 },
      { to: { bucket: 'b', key: 'k' }, only: undefined, headers: {} },
      { timeoutMs: 5000 },
    ),
  role: () => identity.assumeRoleWithWebIdentity(ROLE, TOKEN),
  'role by keys': () => identity.assumeRole(ROLE, async () => KEYS),
} as const

const names = SERVICE_CODES.flatMap(({ code, aliases = [] }) => [code, ...aliases])

describe.each(Object.keys(DOORS) as (keyof typeof DOORS)[])('by the door "%s"', (door) => {
  it('every code of the catalogue, with and without Exception, is known as its row', async () => {
    const wrong: string[] = []
    for (const name of names.flatMap((name) => [name, `${name}Exception`])) {
      said = { status: 400, code: name, message: 'why' }
      const failure = await failureOf(DOORS[door]())
      const entry = entryOf(name.replace(/Exception$/, ''))
      // An expired session has one name, whatever the service calls it.
      const ours = door === 'copy' || door === 'list'
      const code = ours && entry?.expired === 'always' ? 'ExpiredToken' : plainCode(name)
      if (failure.code !== code || failure.status !== 400) wrong.push(`${name}: ${failure.code}`)
      if (isTransient(failure) !== (entry?.retry === 'request')) wrong.push(`${name}: transient?`)
      if (isThrottling(failure.code) !== (entry?.throttle === true))
        wrong.push(`${name}: throttle?`)
    }
    expect(wrong).toEqual([])
  })

  it('what only this action says of a run is not believed of a service', async () => {
    for (const name of ['HeldBack', 'Cancelled', 'MaxDuration', 'CopiesFailed', 'NotVerified']) {
      said = { status: 400, code: name, message: 'why' }
      const { code, message } = await failureOf(DOORS[door]())
      expect([code, message]).toEqual(['Unnamed', `why (its code: ${name})`])
    }
  })

  it.each([
    [400, false],
    [409, false],
    [500, true],
    [501, false],
    [599, true],
  ])('a code that nobody knows, with HTTP %i, heals: %s', async (status, heals) => {
    said = { status, code: 'NeverHeardOf', message: 'why' }
    const failure = await failureOf(DOORS[door]())
    expect(failure).toMatchObject({ code: 'NeverHeardOf', status, message: 'why' })
    expect(isTransient(failure)).toBe(heals)
  })
})

describe('what STS says of a role', () => {
  it('is in the catalogue for every error that the SDK has a class of for these calls', () => {
    const classes = Object.keys(sts).filter((name) =>
      /^(Expired|IDP|Invalid|Malf|Packed|Reg)\w+Exception$/.test(name),
    )
    expect(classes.length).toBeGreaterThan(6)
    const ofOtherCalls = ['ExpiredTradeInTokenException', 'InvalidAuthorizationMessageException']
    const unknown = classes.filter((name) => entryOf(plainCode(name))?.role === undefined)
    expect(unknown.sort()).toEqual(ofOtherCalls)
  })

  it.each([
    [
      'AccessDenied',
      403,
      'Not authorized',
      /trust policy must allow sub "repo:o\/r" and aud "sts"/,
    ],
    [
      'InvalidIdentityToken',
      400,
      'No OpenIDConnect provider found',
      /has no OIDC identity provider/,
    ],
    ['IDPRejectedClaim', 403, 'late', /new token/],
    ['ExpiredTokenException', 400, 'expired', /had expired: check the clock/],
    ['PackedPolicyTooLarge', 400, '105%', /^Shorten inline-session-policy/],
    ['MalformedPolicyDocument', 400, 'bad', /^Check inline-session-policy/],
    ['RegionDisabledException', 403, 'off', /STS is not enabled in this region/],
    ['ValidationError', 400, 'DurationSeconds', /role-duration-seconds/],
    ['InvalidClientTokenId', 403, 'no', /does not know the keys/],
    ['SignatureDoesNotMatch', 403, 'no', /secret key does not belong/],
    ['NeverHeardOf', 400, 'no', /^Read the message/],
  ])('%s is a refusal that names the thing to change', async (code, status, message, hint) => {
    said = { status, code, message }
    const failure = await failureOf(DOORS.role())
    expect(isTransient(failure)).toBe(false)
    const told = roleRefused(WHO, { token: TOKEN }, failure)
    expect(told.message).toContain(`${plainCode(code)}: ${message}`)
    expect(told.hint).toMatch(hint)
    const byKeys = roleRefused(WHO, 'keys', await failureOf(DOORS['role by keys']()))
    if (code === 'AccessDenied') expect(byKeys.hint).toContain('identity of the given keys')
    else expect(byKeys.hint).toMatch(hint)
  })

  it.each([
    ['IDPCommunicationError', 400, 'An error occurred'],
    ['InvalidIdentityToken', 400, "Couldn't retrieve verification key from your identity provider"],
    ['ThrottlingException', 400, 'Rate exceeded'],
    ['InternalFailure', 500, 'sorry'],
  ])('%s (HTTP %i, %s) passes by itself', async (code, status, message) => {
    said = { status, code, message }
    const failure = await failureOf(DOORS.role())
    expect(isTransient(failure)).toBe(true)
    expect(roleRefused(WHO, { token: TOKEN }, failure).hint).toContain('run again later')
  })
})

it('no name stands in two rows of the catalogue, and none ends in Exception', () => {
  const all = ERROR_ENTRIES.flatMap(({ code, aliases = [] }) => [code, ...aliases])
  expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([])
  expect(all.filter((name) => name.endsWith('Exception'))).toEqual([])
})
