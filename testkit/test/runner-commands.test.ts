import { describe, expect, test } from 'vitest'
import { parseCommand, readLog } from '../runner-commands.ts'

describe('parseCommand', () => {
  test.each([
    ['::set-output name=a::b', { name: 'set-output', properties: { name: 'a' }, data: 'b' }],
    [
      '  ::Error Title=T%2C x,file=f::m%0An',
      {
        name: 'error',
        properties: { title: 'T, x', file: 'f' },
        data: 'm\nn',
      },
    ],
    ['::debug::', { name: 'debug', properties: {}, data: '' }],
    ['::debug::50%25 %3A', { name: 'debug', properties: {}, data: '50% %3A' }],
    [
      '##[set-output name=a;x=%5D]b%3Bc',
      {
        name: 'set-output',
        properties: { name: 'a', x: ']' },
        data: 'b;c',
      },
    ],
    [
      'cp s3://b/x##[set-output name=status]ok s3://c/y',
      {
        name: 'set-output',
        properties: { name: 'status' },
        data: 'ok s3://c/y',
      },
    ],
    ['::unknown::##[group]g', { name: 'group', properties: {}, data: 'g' }],
    ['::set-output name=,==x=1::v', { name: 'set-output', properties: { x: '1' }, data: 'v' }],
  ])('reads %j', (line, command) => {
    expect(parseCommand(line)).toEqual(command)
  })

  test.each([
    '',
    'plain',
    'x ::set-output name=a::b',
    '::unknown::x',
    '##[unknown]x',
    '##[set-output name=a',
    '##\\[set-output name=a]b',
    '::set-output name=a',
    ':: set-output::',
  ])('finds nothing in %j', (line) => {
    expect(parseCommand(line)).toBeUndefined()
  })
})

describe('readLog', () => {
  test('obeys nothing between stop-commands and its token', () => {
    const log = readLog([
      '::stop-commands::Token-1234',
      '::set-output name=a::forged',
      'x ##[add-mask]forged',
      '::token-1234::',
      '::set-output name=a::real',
    ])
    expect(log.commands.map(({ data }) => data)).toEqual(['Token-1234', 'real'])
    expect(log.plainLines).toEqual(['::set-output name=a::forged', 'x ##[add-mask]forged'])
    expect(log.masks).toEqual(['Token-1234'])
  })

  test('refuses tokens that anyone can guess', () => {
    const log = readLog(['::stop-commands::', '::stop-commands::error', '::debug::obeyed'])
    expect(log.problems).toHaveLength(2)
    expect(log.commands.at(-1)?.data).toBe('obeyed')
  })

  test('masks a secret and each of its lines', () => {
    expect(readLog(['::add-mask::one%0A two']).masks).toEqual(['one\n two', 'one', 'two'])
    expect(readLog(['::add-mask::  ']).masks).toEqual([])
  })

  test('refuses commands that are disabled or have no name', () => {
    const { problems } = readLog(['::set-env name=A::b', '##[add-path]/x', '::set-output::v'])
    expect(problems).toEqual([
      'The command set-env is disabled',
      'The command add-path is disabled',
      'The command set-output has no name',
    ])
  })
})
