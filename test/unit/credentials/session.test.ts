import { describe, expect, it } from 'vitest'
import { Identities, openSessions, refreshPoint } from '../../../src/credentials/session.ts'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { readStep } from '../../../src/inputs/inputs.ts'
import type { Credentials } from '../../../src/model/credentials.ts'
import type { Identity, Ports } from '../../../src/ports.ts'
import { jumpingClock, noFiles, recordingLog, scriptedHost } from '../../ports.ts'

const ROLE = 'arn:aws:iam::123456789012:role/Sync'
const OIDC = { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1/token', RUNNER_TEMP: '/tmp' }
const HOUR = 3_600_000

const claims = (sub: string) =>
  `x.${Buffer.from(JSON.stringify({ sub, aud: 'sts.amazonaws.com', iss: 'https://issuer' })).toString('base64url')}.y`

const refusal = (name: string, status = 403) =>
  Object.assign(new Error(`${name} said the service`), {
    name,
    $metadata: { httpStatusCode: status },
  })

interface Scene {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly sts?: Partial<Identity>
  readonly sub?: string
}

function scene({ inputs = {}, env = OIDC, sts = {}, sub = 'repo:o/r:ref:refs/heads/main' }: Scene) {
  const clock = jumpingClock()
  const log = recordingLog()
  const tokens: string[] = []
  const host = scriptedHost({
    inputs: { source: 's3://src/', destination: 's3://dst/', ...inputs },
    env,
    idToken: async () => {
      tokens.push(claims(sub))
      return claims(sub)
    },
  })
  let given = 0
  const identity: Identity = {
    assumeRoleWithWebIdentity: async (): Promise<Credentials> => ({
      accessKeyId: `ASIA${++given}`,
      secretAccessKey: `secret-${given}`,
      sessionToken: `token-${given}`,
      expiresAtMs: clock.now() + HOUR,
    }),
    assumeRole: async () => ({
      accessKeyId: 'ASIAK',
      secretAccessKey: 'secret-k',
      expiresAtMs: clock.now() + HOUR,
    }),
    callerIdentity: async () => ({
      account: '123456789012',
      arn: 'arn:aws:sts::123456789012:assumed-role/Sync/x',
    }),
    discover: () => async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'found-secret' }),
    ...sts,
  }
  const ports = { host, clock, files: noFiles, identity: async () => identity } as unknown as Ports
  const openBoth = async () =>
    openSessions((await readStep(host, noFiles)).transfers[0], new Identities(ports, log))
  const open = async () => (await openBoth()).destination
  return { open, openBoth, clock, log, host, tokens }
}

describe('the refresh point', () => {
  it('is ten minutes, or a third of the lifetime, before the end: whichever is later', () => {
    expect(refreshPoint(0, HOUR)).toBe(HOUR - 600_000)
    expect(refreshPoint(0, 900_000)).toBe(600_000)
    expect(refreshPoint(0, 3000)).toBe(2000)
  })
})

describe('a session by OIDC', () => {
  it('takes the role, hides its secrets and proves who it is', async () => {
    const { open, host } = scene({ inputs: { 'role-to-assume': ROLE } })
    const session = await open()
    expect(session.facts).toMatchObject({ account: '123456789012', source: 'oidc', roleArn: ROLE })
    expect(host.masks).toEqual(['secret-1', 'token-1'])
  })

  it('is renewed when it is due, once for all who ask, with a fresh token', async () => {
    const { open, clock, tokens } = scene({ inputs: { 'role-to-assume': ROLE } })
    const session = await open()
    expect((await session.credentials()).accessKeyId).toBe('ASIA1')
    clock.advance(50 * 60_000)
    const both = await Promise.all([session.credentials(), session.credentials()])
    expect(both.map(({ accessKeyId }) => accessKeyId)).toEqual(['ASIA2', 'ASIA2'])
    expect(tokens.length).toBe(2)
  })

  it('lives on with what it has when it cannot be renewed yet, and fails when that has expired', async () => {
    let calls = 0
    const { open, clock, log } = scene({
      inputs: { 'role-to-assume': ROLE },
      sts: {
        assumeRoleWithWebIdentity: async () => {
          calls++
          if (calls > 1) throw refusal('AccessDenied')
          return {
            accessKeyId: 'ASIA1',
            secretAccessKey: 'secret-1',
            expiresAtMs: clock.now() + HOUR,
          }
        },
      },
    })
    const session = await open()
    clock.advance(55 * 60_000)
    expect((await session.credentials()).accessKeyId).toBe('ASIA1')
    expect(log.lines.join()).toContain('could not be renewed')
    // It is not asked again for everything that wants credentials now.
    expect(session.refreshAtMs()).toBeGreaterThan(clock.now())
    await session.credentials()
    expect(calls).toBe(2)
    clock.advance(10 * 60_000)
    await expect(session.credentials()).rejects.toMatchObject({ kind: 'credentials' })
  })

  it('is renewed at once when its credentials were refused as expired', async () => {
    const { open } = scene({ inputs: { 'role-to-assume': ROLE } })
    const session = await open()
    const first = await session.credentials()
    session.reject(first)
    const second = await session.credentials()
    expect([first.accessKeyId, second.accessKeyId]).toEqual(['ASIA1', 'ASIA2'])
    session.reject(first)
    expect((await session.credentials()).accessKeyId).toBe('ASIA2')
  })

  it('is given up when fresh credentials are refused as expired twice in a row, and that goes on', async () => {
    const { open, clock, tokens } = scene({ inputs: { 'role-to-assume': ROLE } })
    const session = await open()
    const first = await session.credentials()
    // As many say so as were under way.
    for (const _request of [1, 2, 3]) session.reject(first)
    const second = await session.credentials()
    session.reject(first)
    for (const passMs of [0, 999]) {
      clock.advance(passMs)
      session.reject(second)
      expect(await session.credentials()).toBe(second)
    }
    clock.advance(1)
    session.reject(second)
    for (const _request of [1, 2, 3])
      await expect(session.credentials()).rejects.toMatchObject({
        kind: 'credentials',
        message: expect.stringMatching(/obtained seconds ago.*check its clock/),
      })
    expect(tokens.length).toBe(2)
  })

  it('lives on when the second were refused only for a moment', async () => {
    const { open, clock, tokens } = scene({ inputs: { 'role-to-assume': ROLE } })
    const session = await open()
    session.reject(await session.credentials())
    const second = await session.credentials()
    session.reject(second)
    clock.advance(40_000)
    expect(await session.credentials()).toBe(second)
    session.reject(second)
    const third = await session.credentials()
    expect(third.accessKeyId).toBe('ASIA3')
    session.reject(third)
    expect((await session.credentials()).accessKeyId).toBe('ASIA4')
    expect(tokens.length).toBe(4)
  })

  it.each([
    ['are no longer fresh', HOUR, 30_000],
    ['are due for renewal', 3000, 2000],
    ['have expired', 1500, 1500],
  ])(
    'is renewed as often as its credentials are refused when they %s',
    async (_what, lifeMs, ageMs) => {
      let calls = 0
      const { open, clock } = scene({
        inputs: { 'role-to-assume': ROLE },
        sts: {
          assumeRoleWithWebIdentity: async () => ({
            accessKeyId: `ASIA${++calls}`,
            secretAccessKey: 'secret-of-it',
            expiresAtMs: clock.now() + lifeMs,
          }),
        },
      })
      const session = await open()
      for (const count of [1, 2, 3, 4]) {
        const held = await session.credentials()
        expect(held.accessKeyId).toBe(`ASIA${count}`)
        clock.advance(ageMs)
        session.reject(held)
      }
    },
  )

  it('counts only refusals in a row', async () => {
    const { open, clock } = scene({ inputs: { 'role-to-assume': ROLE } })
    const session = await open()
    for (const ageMs of [0, 30_000, 29_999, 30_000, 0]) {
      const held = await session.credentials()
      clock.advance(ageMs)
      session.reject(held)
    }
    expect((await session.credentials()).accessKeyId).toBe('ASIA6')
  })

  it.each([
    ['have expired already', 1, 'already expired'],
    [
      'expire at no time that can be read',
      Number.NaN,
      'The expiry time of the credentials cannot be read',
    ],
  ])('does not begin with credentials that %s', async (_what, expiresAtMs, why) => {
    const { open } = scene({
      inputs: { 'role-to-assume': ROLE },
      sts: {
        assumeRoleWithWebIdentity: async () => ({
          accessKeyId: 'A',
          secretAccessKey: 's',
          expiresAtMs,
        }),
      },
    })
    await expect(open()).rejects.toThrow(why)
  })

  it('tries again when STS is busy, with a fresh token each time', async () => {
    let calls = 0
    const { open, clock, tokens } = scene({
      inputs: { 'role-to-assume': ROLE },
      sts: {
        assumeRoleWithWebIdentity: async () => {
          calls++
          if (calls < 3) throw refusal('Throttling', 400)
          return { accessKeyId: 'ASIA', secretAccessKey: 'secret', expiresAtMs: clock.now() + HOUR }
        },
      },
    })
    await open()
    expect(tokens.length).toBe(3)
  })

  it('does not try again when it is refused, and names what the trust policy must allow', async () => {
    const sub = 'repo:o@1/r@2:ref:refs/heads/main'
    const { open, tokens } = scene({
      sub,
      inputs: { 'role-to-assume': ROLE },
      sts: {
        assumeRoleWithWebIdentity: async () => {
          throw refusal('AccessDenied')
        },
      },
    })
    await expect(open()).rejects.toMatchObject({
      kind: 'credentials',
      hint: expect.stringMatching(
        /sub "repo:o@1\/r@2:ref:refs\/heads\/main".*immutable subject claims/s,
      ),
    })
    expect(tokens.length).toBe(1)
  })

  it('names the missing permission when the job may not ask for a token', async () => {
    const { open } = scene({
      inputs: { 'role-to-assume': ROLE },
      env: { RUNNER_TEMP: '/tmp' },
      sts: { discover: () => () => Promise.reject(new Error('environment: not set')) },
    })
    await expect(open()).rejects.toMatchObject({
      message:
        'This job may not request an OIDC token.\nTo assume role-to-assume, add `permissions: { id-token: write, contents: read }` to the job.',
      hint: 'No other credentials were found to assume the role with:\n- environment: not set',
    })
  })
})

describe('credentials that cannot be proven', () => {
  const KEYS = { 'aws-access-key-id': 'AKIAGIVEN', 'aws-secret-access-key': 'given-secret' }
  const refusedBy = (error: Error, inputs: Readonly<Record<string, string>>) =>
    scene({ inputs, sts: { callerIdentity: () => Promise.reject(error) } }).open()

  it.each([
    ['InvalidClientTokenId', 'endpoint-url'],
    ['SignatureDoesNotMatch', 'Paste aws-secret-access-key again'],
    ['ExpiredToken', 'pass new ones, or set role-to-assume'],
  ])('as keys of the inputs name what to set: %s', async (code, hint) => {
    await expect(refusedBy(refusal(code), KEYS)).rejects.toMatchObject({
      message: `The credentials were refused: ${code}: ${code} said the service`,
      hint: expect.stringContaining(hint),
    })
  })

  it('leave out the advice of a service that does not know where they come from', async () => {
    const error = Object.assign(refusal('SignatureDoesNotMatch'), {
      message: 'The signatures differ. Check your key and signing method.',
    })
    await expect(refusedBy(error, KEYS)).rejects.toMatchObject({
      message: 'The credentials were refused: SignatureDoesNotMatch: The signatures differ.',
    })
  })

  it.each([KEYS, { 'role-to-assume': ROLE }])(
    'are not called refused where nobody answered: %o',
    async (inputs) => {
      const error = Object.assign(new Error('getaddrinfo ENOTFOUND sts.eu-wset-1.amazonaws.com'), {
        code: 'ENOTFOUND',
      })
      const nobody = () => Promise.reject(error)
      const { open } = scene({
        inputs: { ...inputs, 'aws-region': 'eu-wset-1' },
        sts: { callerIdentity: nobody, assumeRoleWithWebIdentity: nobody },
      })
      await expect(open()).rejects.toMatchObject({
        message: expect.stringMatching(/^STS of AWS in eu-wset-1 cannot be reached: DNS cannot/),
        hint: expect.stringContaining('the spelling of aws-region (eu-wset-1)'),
      })
    },
  )
})

describe('a session that was found', () => {
  const minute = (scene_: ReturnType<typeof scene>, calls: number) => ({
    accessKeyId: `ASIA${calls}`,
    secretAccessKey: `secret-${calls}`,
    sessionToken: `token-${calls}`,
    expiresAtMs: scene_.clock.now() + 60_000,
  })

  it('for a minute is asked for again before the minute is over', async () => {
    let calls = 0
    const short: ReturnType<typeof scene> = scene({
      inputs: { 'aws-profile': 'vault' },
      sts: { discover: () => async () => minute(short, ++calls) },
    })
    const session = await short.open()
    short.clock.advance(39_000)
    expect((await session.credentials()).accessKeyId).toBe('ASIA1')
    short.clock.advance(2000)
    expect((await session.credentials()).accessKeyId).toBe('ASIA2')
    short.clock.advance(41_000)
    expect((await session.credentials()).accessKeyId).toBe('ASIA3')
    expect(short.host.masks).toEqual(expect.arrayContaining(['secret-3', 'token-3']))
  })

  it('looks in the profile of the input before that of the environment', async () => {
    const asked: (string | undefined)[] = []
    const discover = (profile: string | undefined) => {
      asked.push(profile)
      return async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'found-secret' })
    }
    const env = { AWS_PROFILE: 'exported', RUNNER_TEMP: '/tmp' }
    await scene({ inputs: { 'aws-profile': 'given' }, env, sts: { discover } }).open()
    await scene({ env, sts: { discover } }).open()
    await scene({ env: { RUNNER_TEMP: '/tmp' }, sts: { discover } }).open()
    expect(asked).toEqual(['given', 'exported', undefined])
  })

  it('is cancelled, and not called unfound, when it is told to end', async () => {
    const cancelled = new SyncError('cancelled', 'The run was cancelled (SIGINT).', { hint: '' })
    const heard: AbortSignal[] = []
    const { open, host } = scene({
      inputs: { 'aws-profile': 'slow' },
      sts: {
        discover: (_profile, signal) => async () => {
          heard.push(signal)
          throw cancelled
        },
      },
    })
    await expect(open()).rejects.toBe(cancelled)
    expect(heard).toEqual([host.cancelled])
  })

  it('is not tried for a role when it was not found', async () => {
    const { open } = scene({
      inputs: { 'aws-profile': 'gone', 'role-to-assume': ROLE },
      sts: {
        discover: () => async () => {
          throw new Error('profile "gone": no such profile')
        },
        assumeRole: async (_role, base) => base(),
      },
    })
    await expect(open()).rejects.toMatchObject({
      message: 'No AWS credentials were found:\n- profile "gone": no such profile',
      hint: expect.stringContaining('~/.aws/config'),
    })
  })
})

describe('the account', () => {
  it('must be an allowed one', async () => {
    const allowed = { 'role-to-assume': ROLE, 'allowed-account-ids': '111111111111, 123456789012' }
    await expect(scene({ inputs: allowed }).open()).resolves.toBeDefined()
    const other = { ...allowed, 'allowed-account-ids': '111111111111' }
    await expect(scene({ inputs: other }).open()).rejects.toThrow('allowed-account-ids')
  })

  it('of a compatible service without STS stays unknown', async () => {
    const { open } = scene({
      inputs: {
        'endpoint-url': 'http://127.0.0.1:1',
        'aws-access-key-id': 'key',
        'aws-secret-access-key': 'secret-of-it',
      },
      sts: {
        callerIdentity: async () => {
          throw new Error('must not be asked')
        },
      },
    })
    expect((await open()).facts).toEqual({ source: 'inputs' })
  })
})
