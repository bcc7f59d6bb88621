import { describe, expect, test } from 'vitest'
import type { Result } from '../../../src/model/report.ts'
import {
  resultOfAll,
  type Verdict,
  type VerdictFacts,
  verdict,
} from '../../../src/report/verdict.ts'

const facts = (over: Partial<VerdictFacts>): VerdictFacts => ({
  planned: 10,
  done: 10,
  aborted: false,
  failOn: 'failed',
  ...over,
})

describe('verdict', () => {
  test.each<[string, Partial<VerdictFacts>, Verdict]>([
    ['every op done', {}, { result: 'success', exitCode: 0 }],
    ['an empty plan', { planned: 0, done: 0 }, { result: 'nothing-to-do', exitCode: 0 }],
    [
      'an empty plan of a dry run',
      { found: 'planned', planned: 0, done: 0 },
      { result: 'nothing-to-do', exitCode: 0 },
    ],
    [
      'an empty plan that would be refused',
      { found: 'planned', refused: true, planned: 0, done: 0 },
      { result: 'planned', exitCode: 0 },
    ],
    [
      'a plan that would be refused',
      { found: 'planned', refused: true, done: 0 },
      { result: 'planned', exitCode: 0 },
    ],
    [
      'a refused plan',
      { refused: true, done: 0, failure: 'guard' },
      { result: 'failed', exitCode: 1 },
    ],
    ['a plan with ops', { found: 'planned', done: 0 }, { result: 'planned', exitCode: 0 }],
    ['a check with differences', { found: 'drift', done: 0 }, { result: 'drift', exitCode: 1 }],
    [
      'a check without',
      { found: 'drift', planned: 0, done: 0 },
      { result: 'nothing-to-do', exitCode: 0 },
    ],
    ['some done', { done: 9 }, { result: 'partial', exitCode: 1 }],
    ['none done', { done: 0 }, { result: 'failed', exitCode: 1 }],
    [
      'an error before the plan',
      { planned: 0, done: 0, failure: 'guard' },
      { result: 'failed', exitCode: 1 },
    ],
    [
      'an error in a dry run',
      { found: 'planned', done: 0, failure: 'list' },
      { result: 'failed', exitCode: 1 },
    ],
    [
      'an error after some copies',
      { done: 3, failure: 'credentials' },
      { result: 'partial', exitCode: 1 },
    ],
    ['an error after all copies', { failure: 'internal' }, { result: 'partial', exitCode: 1 }],
    ['a signal', { done: 3, aborted: true }, { result: 'cancelled', exitCode: 1 }],
    [
      'a signal before the plan',
      { planned: 0, done: 0, aborted: true },
      { result: 'cancelled', exitCode: 1 },
    ],
    ['a cancelled error', { done: 0, failure: 'cancelled' }, { result: 'cancelled', exitCode: 1 }],
    [
      'a signal and an error',
      { done: 0, aborted: true, failure: 'copy' },
      { result: 'cancelled', exitCode: 1 },
    ],
  ])('%s', (_, over, expected) => {
    expect(verdict(facts(over))).toEqual(expected)
  })

  test.each<[Partial<VerdictFacts>, Verdict]>([
    [{ done: 9 }, { result: 'partial', exitCode: 0 }],
    [
      { found: 'drift', done: 0 },
      { result: 'drift', exitCode: 0 },
    ],
    [{ done: 0 }, { result: 'failed', exitCode: 1 }],
    [
      { done: 0, failure: 'inputs' },
      { result: 'failed', exitCode: 1 },
    ],
    [
      { done: 3, aborted: true },
      { result: 'cancelled', exitCode: 1 },
    ],
    [{}, { result: 'success', exitCode: 0 }],
  ])('fail-on: never forgives partial and drift only: %j', (over, expected) => {
    expect(verdict(facts({ ...over, failOn: 'never' }))).toEqual(expected)
  })
})

describe('transfers of a step are together', () => {
  test.each<[Result, number, readonly Result[]]>([
    ['success', 3, ['success', 'success', 'nothing-to-do']],
    ['nothing-to-do', 0, ['nothing-to-do', 'nothing-to-do']],
    ['planned', 0, ['nothing-to-do', 'planned']],
    ['drift', 0, ['nothing-to-do', 'drift']],
    ['partial', 1, ['success', 'failed']],
    ['partial', 1, ['partial', 'nothing-to-do']],
    ['failed', 0, ['nothing-to-do', 'failed']],
    ['failed', 0, ['planned', 'failed']],
    ['failed', 0, ['drift', 'failed']],
    ['cancelled', 5, ['success', 'cancelled', 'failed']],
  ])('%s with %i done, of %j', (result, done, all) => {
    expect(resultOfAll(all, done)).toBe(result)
  })
})
