import { rmSync } from 'node:fs'
import {
  before,
  cap,
  cutBody,
  type Fault,
  fail,
  failIn200,
  loseReply,
  reset,
  stall,
  trickle,
  wrongList,
} from 's3-direct-sync-testkit/faults.ts'
import { fullDiskFor } from 's3-direct-sync-testkit/full-disk.ts'
import { breakS5cmd } from './broken-s5cmd.ts'
import type { FaultName, FaultSpec } from './catalogue.ts'
import { forgePlan } from './forged-plan.ts'
import { endless, hostileError, otherKind } from './hostile-answers.ts'
import { passes } from './passes.ts'
import { oneOf } from './random.ts'
import { SOMEBODY_ELSE } from './somebody-else.ts'
import type { SetUp, Stand } from './stand.ts'
import { STRANGE_SERVICES } from './strange-services.ts'

const always = () => 1

const answers =
  (make: (spec: FaultSpec) => Fault): SetUp =>
  (spec, { kit }) => {
    const { door, nth, times } = spec
    return kit.faults.add({
      match: (request) => passes(door, request),
      nth,
      times,
      fault: make(spec),
    })
  }

/** A copy that gets no answer, or not all of one, is given a minute: somebody is less patient. */
const impatiently =
  (fault: Fault): SetUp =>
  (spec, stand) => {
    if (spec.door === 'COPY') stand.cancelLater()
    return answers(() => fault)(spec, stand)
  }

const LONG_MS = 30_000

/** A service that asks every copy for more time, or keeps it reading, can hold those that go one by one for minutes. */
const slowly =
  (make: (spec: FaultSpec) => Fault): SetUp =>
  (spec, stand) => {
    if (spec.door === 'COPY') stand.cancelLater(LONG_MS)
    return answers(make)(spec, stand)
  }

/** Acts once, at the nth request of the trigger's kind. */
const at = (
  { trigger, nth }: Pick<FaultSpec, 'trigger' | 'nth'>,
  { kit }: Stand,
  act: () => void,
): (() => number) =>
  kit.faults.add({
    match: (request) => passes(trigger, request),
    nth: trigger === 'COPY' || trigger === 'LIST' ? nth : 1,
    times: 1,
    fault: before(act),
  })

const signals =
  (name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): SetUp =>
  (spec, stand) =>
    at(spec, stand, () => stand.signal(name))

const REPORT_FILES = ['report.json', 'failed.ndjson', 'plan.ndjson'] as const

const refuseTokens =
  (status: number): SetUp =>
  ({ times }, { kit }) => {
    kit.issuer.refusals.push(...Array.from({ length: times }, () => status))
    return always
  }

const LATE_ERRORS = ['InternalError', 'SlowDown'] as const
const INCOMPLETE = ['dropped-key', 'unclosed', 'repeated-token', 'bad-key-count'] as const
const OTHER_FORMS = ['unordered', 'ignored-encoding-type', 'ignored-start-after'] as const

/** How each fault is set up. */
export const SET_UP: Readonly<Record<FaultName, SetUp>> = {
  'error 500': slowly(() => fail(500, 'InternalError')),
  'error 503': slowly(() => fail(503, 'ServiceUnavailable')),
  'slow down': slowly(() => fail(503, 'SlowDown')),
  'requests capped': slowly(({ amount }) => cap(5 + amount)),
  'quota used up': answers(() => fail(403, 'QuotaExceeded')),
  'connection reset': answers(() => reset),
  'response lost': answers(() => loseReply),
  'no response': impatiently(stall),
  'slow response': impatiently(trickle()),
  'body cut off': answers(({ amount }) => cutBody(amount)),
  'error in a 200': answers(({ amount }) => failIn200(oneOf(LATE_ERRORS, amount))),
  'wrong region': answers(({ amount }) =>
    amount % 2 ? fail(301, 'PermanentRedirect') : fail(400, 'AuthorizationHeaderMalformed'),
  ),
  'incomplete page': answers(({ amount }) => wrongList(oneOf(INCOMPLETE, amount))),
  'error text with runner commands': answers(({ amount }) => hostileError(amount)),
  'unexpected response': answers(({ amount }) => otherKind(amount)),
  'endless response': slowly(() => endless),
  'unusual XML': answers(({ amount }) => wrongList(oneOf(OTHER_FORMS, amount))),
  'credentials refused as expired': answers(() => fail(400, 'ExpiredToken')),
  'credentials revoked': answers(() => fail(403, 'AccessDenied')),
  'short-lived credentials': ({ amount }, { kit }) => {
    kit.iam.sessionLifetimeMs = 1500 + amount * 50
    return always
  },
  'STS throttled': answers(() => fail(400, 'Throttling')),
  'STS down': answers(({ amount }) => (amount % 2 ? reset : fail(503, 'ServiceUnavailable'))),
  'id token slow': (_spec, { kit }) => {
    kit.issuer.delayMs = 700
    return always
  },
  'id token 503': refuseTokens(503),
  'id token refused': refuseTokens(403),
  ...SOMEBODY_ELSE,
  ...STRANGE_SERVICES,
  'extra object appears at the source': (spec, stand) =>
    at({ ...spec, trigger: 'COPY' }, stand, () => {
      const { extraSourceKey: key, interfere } = stand
      if (key !== undefined) interfere({ bucket: 'src', key, body: 'came later' })
    }),
  'destination bucket gone': ({ door, nth, times }, { kit }) => {
    let gone = false
    kit.faults.add({
      match: (request) => passes(door, request) && request.bucket === 'dst',
      nth,
      times: 1,
      fault: before(() => {
        gone = true
      }),
    })
    const fault = fail(404, 'NoSuchBucket')
    return kit.faults.add({ match: ({ bucket }) => gone && bucket === 'dst', times, fault })
  },
  's5cmd killed': breakS5cmd('killed'),
  's5cmd leaves out lines': breakS5cmd('leaves out lines'),
  's5cmd prints garbage': breakS5cmd('prints garbage'),
  's5cmd prints endlessly': breakS5cmd('prints without end'),
  's5cmd does nothing and exits 0': breakS5cmd('does nothing'),
  's5cmd prints success without copying': breakS5cmd('prints success'),
  's5cmd panics': breakS5cmd('panics'),
  's5cmd may open few files': breakS5cmd('may open few files'),
  's5cmd hangs': breakS5cmd('hangs'),
  'approved plan forged': forgePlan,
  'report folder unwritable': (_spec, { inputs }) => {
    inputs['report-dir'] = '/dev/null/none'
    return always
  },
  'report folder removed': (spec, stand) =>
    at(spec, stand, () => rmSync(stand.reportDir, { recursive: true, force: true })),
  'disk full': ({ amount }, { env }) => {
    Object.assign(env, fullDiskFor(oneOf(REPORT_FILES, amount)))
    return always
  },
  'server clock jumps': (spec, stand) =>
    at(spec, stand, () => {
      stand.clock.aheadMs += 20 * 60_000
    }),
  SIGINT: signals('SIGINT'),
  SIGTERM: signals('SIGTERM'),
  SIGKILL: signals('SIGKILL'),
}
