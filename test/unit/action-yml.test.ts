import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { DEFAULTS, INPUT_NAMES } from '../../src/inputs/schema.ts'

interface Input {
  readonly description?: string
  readonly required?: boolean
}

interface ActionFile {
  readonly name: string
  readonly description: string
  readonly author: string
  readonly branding: { readonly icon: string; readonly color: string }
  readonly inputs: Readonly<Record<string, Input>>
  readonly outputs: Readonly<Record<string, { readonly description?: string }>>
  readonly runs: Readonly<Record<string, string>>
}

const text = readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')
const action: ActionFile = parse(text)

/** What a description gives as the default; undefined when it gives none. */
const statedDefault = ({ description }: Input): string | undefined =>
  description && / Default: `(.+)`\.$/.exec(description)?.[1]

test('the Marketplace takes the description: 1 to 124 characters', () => {
  expect(action.description.length).toBeGreaterThan(0)
  expect(action.description.length).toBeLessThan(125)
})

test('the Marketplace takes the branding', () => {
  const colors = 'white black yellow blue green orange red purple gray-dark'.split(' ')
  // Of the 280 icons only those that were thought of here.
  const icons = ['copy', 'database', 'repeat', 'upload-cloud']
  expect(colors).toContain(action.branding.color)
  expect(icons).toContain(action.branding.icon)
  expect(action.name).toBe('S3 Direct Sync')
  expect(action.author).not.toBe('')
})

test('the runner takes the entry points', () => {
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/index.js' })
})

test('no two inputs share an environment variable', () => {
  const names = Object.keys(action.inputs)
  const variables = names.map((name) => name.replaceAll(/[ _]/g, '_').toUpperCase())
  expect(new Set(variables).size).toBe(names.length)
})

test('inputs and outputs are named in lower case with dashes', () => {
  for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
})

test('no input is required of every step, as transfers may name the places', () => {
  expect(Object.values(action.inputs).filter(({ required }) => required)).toEqual([])
})

test('every description is a sentence, and no input has a default field', () => {
  const described = [...Object.entries(action.inputs), ...Object.entries(action.outputs)]
  for (const [name, one] of described) {
    expect(one.description, name).toMatch(/^\S.*\.$/)
    expect(Object.keys(one), name).not.toContain('default')
  }
})

test('there are at most 90 inputs, as who reads them all has to find one', () => {
  expect(INPUT_NAMES.length).toBeLessThanOrEqual(90)
})

test('the inputs are those of the schema, in its order', () => {
  expect(Object.keys(action.inputs)).toEqual(INPUT_NAMES)
})

test('the defaults in the descriptions are those of the schema', () => {
  const stated = Object.entries(action.inputs).flatMap(([name, input]) => {
    const value = statedDefault(input)
    return value === undefined ? [] : [[name, value]]
  })
  expect(Object.fromEntries(stated)).toEqual(DEFAULTS)
})

test('no description has a variable in it, which people would copy into a path, nor an expression, which the runner refuses', () => {
  for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)])
    expect(description).not.toMatch(/\$[A-Z_{]|%[A-Z_]+%/)
})
