import { describe, expect, it } from 'vitest'
import { isTransient, serviceFailure } from '../../../src/errors/service-failure.ts'
import { explain } from '../../../src/errors/sync-error.ts'

const failure = (fields: object) => serviceFailure(Object.assign(new Error('why'), fields))

describe('a failure of the network', () => {
  it.each([
    ['ECONNRESET', 'RequestError', true],
    ['ENOTFOUND', 'RequestError', true],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'UntrustedCertificate', false],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UntrustedCertificate', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UntrustedCertificate', false],
    ['CERT_HAS_EXPIRED', 'UntrustedCertificate', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'UntrustedCertificate', false],
  ])('%s is %s; transient: %s', (code, expected, transient) => {
    expect(failure({ code })).toMatchObject({
      code: expected,
      message: `${code} why`,
      status: undefined,
    })
    expect(isTransient(failure({ code }))).toBe(transient)
  })

  it.each([
    ['ERR_INVALID_CHAR', {}, 'RequestNotSent', false],
    ['ERR_HTTP_INVALID_HEADER_VALUE', {}, 'RequestNotSent', false],
    ['ERR_INVALID_ARG_TYPE', {}, 'RequestNotSent', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', {}, 'RequestError', true],
    ['ERR_SOCKET_CONNECTION_TIMEOUT', {}, 'RequestError', true],
    ['ERR_STREAM_PREMATURE_CLOSE', {}, 'RequestError', true],
    ['ENOENT', { path: '/x/token', syscall: 'open' }, 'ENOENT', false],
  ])(
    'is told from what fails on this side: %s %o is %s; transient: %s',
    (code, more, expected, transient) => {
      const found = failure({ code, ...more })
      expect(found.code).toBe(expected)
      expect(isTransient(found)).toBe(transient)
    },
  )

  it.each([
    [407, 'ProxyRefused', false],
    [403, 'ProxyRefused', false],
    [502, 'RequestError', true],
  ])(
    'at a tunnel through the proxy (HTTP %i) is %s; transient: %s',
    (statusCode, code, transient) => {
      const found = failure({ code: 'ERR_PROXY_TUNNEL', statusCode })
      expect(found.code).toBe(code)
      expect(isTransient(found)).toBe(transient)
    },
  )

  it('does not tell the password of the proxy', () => {
    const code = 'ERR_PROXY_TUNNEL'
    const message =
      'Failed to establish tunnel to s3.test:443 via http://user:p%40ss@proxy.test/: no'
    expect(failure({ code, message }).message).toBe(
      `${code} Failed to establish tunnel to s3.test:443 via http://proxy.test/: no`,
    )
  })
})

describe('an answer without a name', () => {
  it.each([
    [400, 'BadRequest', false],
    [401, 'AccessDenied', false],
    [405, 'MethodNotAllowed', false],
    [418, 'BadRequest', false],
    [429, 'TooManyRequests', true],
    [301, 'PermanentRedirect', false],
    [403, 'AccessDenied', false],
    [407, 'ProxyRefused', false],
    [503, 'ServiceUnavailable', true],
    [502, 'RequestError', true],
  ])('HTTP %i is %s; transient: %s', (httpStatusCode, code, transient) => {
    const found = failure({
      name: 'UnknownError',
      message: 'UnknownError',
      $metadata: { httpStatusCode },
    })
    expect(found).toMatchObject({
      code,
      status: httpStatusCode,
      message: expect.stringContaining(`${httpStatusCode}`),
    })
    expect(isTransient(found)).toBe(transient)
  })
})

describe('a code that a service sends', () => {
  it.each(['NoSuchKey', 'KMS.DisabledException', 'Some_Other-Code', 'x'.repeat(64)])(
    'is told as it is: %s',
    (name) => {
      const found = failure({ name, $metadata: { httpStatusCode: 418 } })
      expect(found).toMatchObject({ code: name, message: 'why', status: 418 })
    },
  )

  it.each(['two words', 'FwoGZXIvYXdzE+//==', 'x'.repeat(65), 'Code\n::error::x', 'é'])(
    'is Unnamed where it is none, and stands behind the message: %s',
    (name) => {
      const found = failure({ name, $metadata: { httpStatusCode: 403 } })
      expect(found).toMatchObject({
        code: 'Unnamed',
        message: `why (its code: ${name})`,
        status: 403,
      })
    },
  )

  it('is that of its status where it is the line of one', () => {
    const $metadata = { httpStatusCode: 412 }
    const found = failure({ name: '412 Precondition Failed', $metadata })
    expect(found).toMatchObject({ code: 'PreconditionFailed', message: 'why', status: 412 })
  })

  it('is Unnamed where there is none at all', () => {
    expect(failure({ name: '' })).toMatchObject({
      code: 'Unnamed',
      message: 'why',
      status: undefined,
    })
    expect(serviceFailure('thrown')).toMatchObject({ code: 'Unnamed', message: 'thrown' })
  })
})

describe('a message', () => {
  it('is cut between words, so that half a secret never stays', () => {
    const secret = 'FwoGZXIvYXdz'.repeat(60)
    for (const before of [0, 100, 480, 499, 500]) {
      const { message } = failure({ name: 'X', message: `${'a '.repeat(before / 2)}${secret} end` })
      expect(message.length).toBeLessThanOrEqual(501)
      expect(message).not.toContain('Fwo')
    }
  })
})

describe('a file that cannot be had', () => {
  it.each([
    ['ENOENT', 'Check that nothing else fills the disk or removes report-dir'],
    ['EISDIR', 'a folder or a link where a file should be: remove it'],
    ['EEXIST', 'a folder or a link where a file should be: remove it'],
    ['ELOOP', 'a folder or a link where a file should be: remove it'],
    ['EBUSY', 'Another program has locked the file, such as a virus scanner'],
    ['ETXTBSY', 'Another program has locked the file'],
    ['UNKNOWN', 'Another program has locked the file'],
    ['EPERM', 'This job has no permission to write there, or another program has locked the file'],
    ['ENAMETOOLONG', 'The path is too long'],
    ['EINVAL', 'contains a name that this system does not allow'],
    ['EXDEV', 'set report-dir to another folder'],
    ['ESTALE', 'set report-dir to another folder'],
  ])('for %s is no fault of the action, and says what to do', (code, remedy) => {
    const error = Object.assign(new Error(`${code}: no, open '/x'`), { code, syscall: 'open' })
    const { kind, title, text } = explain(error, 'verify')
    expect([kind, title]).toEqual(['verify', `A file could not be read or written: ${code}`])
    expect(text).toContain(`${code}: no, open '/x'\n`)
    expect(text).toContain(remedy)
  })

  it.each([
    ['ENOSPC', 'The disk of the runner is full (ENOSPC)', 'free some of it before this step'],
    ['EDQUOT', 'The disk quota of the runner is exceeded (EDQUOT)', 'to a folder on a larger disk'],
    ['EROFS', 'The disk of the runner is not writable (EROFS)', 'set report-dir to another'],
    ['EMFILE', 'Too many files are open (EMFILE)', 'raise it (ulimit -n) or lower numworkers'],
    ['ENFILE', 'Too many files are open (ENFILE)', 'raise it (ulimit -n) or lower numworkers'],
  ])('is titled by what %s means', (code, title, remedy) => {
    const told = explain(
      Object.assign(new Error(`${code}: no`), { code, syscall: 'write' }),
      'copy',
    )
    expect(told.title).toBe(title)
    expect(told.text).toContain(remedy)
  })

  it('is told from a refusal of the network that has the same name', () => {
    const error = Object.assign(new Error('connect EACCES 10.0.0.1:443'), {
      code: 'EACCES',
      syscall: 'connect',
    })
    expect(explain(error, 'copy').kind).toBe('internal')
  })
})
