import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromIni } from '@aws-sdk/credential-provider-ini'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AskingRules, fromProfile } from '../../src/adapters/profile.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profile-'))
  vi.stubEnv('RUNNER_TEMP', join(folder, 'temp'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null')
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const signal = AbortSignal.timeout(60_000)

/** How roles are taken, told in the order of the questions; who asked stands in the session. */
function asking() {
  const asked: unknown[] = []
  const session = (params: object) => {
    asked.push({ ...params, RoleSessionName: 'any' })
    return { accessKeyId: `ASIA${asked.length}`, secretAccessKey: 'secret', sessionToken: 'token' }
  }
  const rules: AskingRules = {
    clientConfig: {},
    parentClientConfig: { region: 'us-east-1' },
    roleAssumer: async ({ accessKeyId }, params) => session({ accessKeyId, ...params }),
    roleAssumerWithWebIdentity: async (params) => session(params),
  }
  return { asked, rules }
}

/** Says where it was started: the SDK would start it here. */
const COMMAND = `credential_process = printf '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"%s"}' "$PWD"`
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/One'
const KEYS = 'aws_access_key_id = AKIAFILE\naws_secret_access_key = secret'

const ended = async (work: Promise<{ readonly accessKeyId: string }>) =>
  work.then(
    ({ accessKeyId }) => accessKeyId,
    (error: Error) => error.message,
  )

describe.skipIf(process.platform === 'win32')('credentials of a profile', () => {
  it.each([
    ['of a command', `[profile p]\n${COMMAND}`],
    ['of keys beside a command', `[profile p]\n${KEYS}\n${COMMAND}`],
    ['of a role by a command', `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\n${COMMAND}`],
    [
      'of a role that has all settings, by a command',
      `[profile p]\n${ROLE}\nsource_profile = q\nexternal_id = x\nduration_seconds = 900\nrole_session_name = me\n[profile q]\n${COMMAND}`,
    ],
    [
      'of a role by a role by a command',
      `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\n${ROLE}Two\nsource_profile = r\n[profile r]\n${COMMAND}`,
    ],
    ['of a role by keys', `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\n${KEYS}`],
    [
      'of a role by keys that stand beside a role and a command',
      `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\n${KEYS}\n${ROLE}\nsource_profile = p\n${COMMAND}`,
    ],
    ['of a role by its own keys', `[profile p]\n${ROLE}\nsource_profile = p\n${KEYS}`],
    ['of a role by its own command', `[profile p]\n${ROLE}\nsource_profile = p\n${COMMAND}`],
    [
      'of roles in a circle',
      `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\n${ROLE}\nsource_profile = p\n${COMMAND}`,
    ],
    [
      'of a role by the environment',
      `[profile p]\n${ROLE}\ncredential_source = Environment\n${COMMAND}`,
    ],
    [
      'of a role with two sources, beside a command',
      `[profile p]\n${ROLE}\ncredential_source = Environment\nsource_profile = q\n${COMMAND}`,
    ],
    [
      'of a role by a profile that names the environment',
      `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\ncredential_source = Environment\n${COMMAND}`,
    ],
    [
      'of a role by a profile without a role, that names another',
      `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\ncredential_source = Environment\nsource_profile = r\n[profile r]\n${COMMAND}`,
    ],
    [
      'of a role by a profile that is not there',
      `[profile p]\n${ROLE}\nsource_profile = q\n[profile r]\n${COMMAND}`,
    ],
    [
      'of a token file beside a command',
      `[profile p]\n${ROLE}\nweb_identity_token_file = TOKEN\n${COMMAND}`,
    ],
    ['of nothing', `[profile p]\nregion = us-east-1`],
  ])('are those that the SDK gives: %s', async (_of, text) => {
    const token = join(folder, 'token')
    await writeFile(token, 'a-token')
    await writeFile(join(folder, 'config'), `${text.replace('TOKEN', token)}\n`)
    const [ours, theirs] = [asking(), asking()]
    const bySdk = await ended(fromIni({ ...theirs.rules, profile: 'p' })())
    const started: string[] = []
    const { roleAssumer } = ours.rules
    const rules: AskingRules = {
      ...ours.rules,
      roleAssumer: (credentials, params) => {
        started.push(credentials.secretAccessKey)
        return roleAssumer(credentials, params)
      },
    }
    const found = fromProfile(
      'p',
      rules,
    )(signal).then((credentials) => {
      started.push(credentials.secretAccessKey)
      return credentials
    })
    expect(await ended(found)).toBe(bySdk)
    expect(ours.asked).toEqual(theirs.asked)
    // No command was started where this process runs, as the SDK would.
    expect(started).not.toContain(process.cwd())
  })

  it('are not asked of a command whose role nobody can type a code for', async () => {
    const ran = join(folder, 'ran')
    const ini = `[profile p]\n${ROLE}\nsource_profile = q\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n`
    await writeFile(
      join(folder, 'config'),
      `${ini}[profile q]\ncredential_process = : > '${ran}'\n`,
    )
    const asked = fromProfile('p', asking().rules)(signal)
    await expect(asked).rejects.toThrow('multi-factor authentication')
    expect(await readdir(folder)).not.toContain('ran')
  })
})

describe.skipIf(process.platform === 'win32')('what a command prints', () => {
  const answering = async (printed: unknown) => {
    await writeFile(join(folder, 'printed'), JSON.stringify(printed))
    const ini = `[profile p]\ncredential_process = cat '${join(folder, 'printed')}'\n`
    await writeFile(join(folder, 'config'), ini)
    return fromProfile('p', asking().rules)(signal)
  }
  const KEY = { Version: 1, AccessKeyId: 'AKIA', SecretAccessKey: 'secret-text' }

  it('may have an end, and what AWS adds to it', async () => {
    const Expiration = '2099-01-31T12:00:00Z'
    const more = { SessionToken: 'token', Expiration, AccountId: '123456789012', New: {} }
    expect(await answering({ ...KEY, ...more })).toEqual({
      accessKeyId: 'AKIA',
      secretAccessKey: 'secret-text',
      sessionToken: 'token',
      expiration: new Date(Expiration),
    })
  })

  it('may have no session', async () => {
    const found = await answering({ ...KEY, SessionToken: null, Expiration: null })
    expect(found).toEqual({ accessKeyId: 'AKIA', secretAccessKey: 'secret-text' })
  })

  it.each([
    ['nothing', null, 'invalid JSON'],
    ['a text', 'secret-text', 'invalid JSON'],
    ['another version', { ...KEY, Version: 2 }, 'did not return Version 1'],
    ['a version that is a text', { ...KEY, Version: '1' }, 'did not return Version 1'],
    ['no key', { Version: 1, SecretAccessKey: 'secret-text' }, 'invalid credentials'],
    ['a key that is a list', { ...KEY, SecretAccessKey: ['secret-text'] }, 'invalid credentials'],
    ['a token that is a number', { ...KEY, SessionToken: 12_345 }, 'SessionToken'],
    ['a time gone by', { ...KEY, Expiration: '2020-01-01T00:00:00Z' }, 'expired credentials'],
  ])('is refused without being shown: %s', async (_what, printed, says) => {
    const refused = await answering(printed).catch((error: Error) => error)
    expect(refused).toMatchObject({ message: expect.stringContaining(says), tryNextLink: true })
    expect((refused as Error).message).not.toMatch(/secret-text|12345/)
  })
})
