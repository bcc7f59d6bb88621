import type { CdnRequest } from '../model/request.ts'
import { anyText } from './reader.ts'

const DISTRIBUTION = /^[A-Z][A-Z0-9]{5,31}$/
/** So many may be under way at a time; of them 15 with a wildcard. */
const MOST_PATHS = 3000
const USUAL_PATHS = 15

const EXPECTED =
  'expected a distribution ID such as E2ABCDEF, optionally with max-paths=15 and origin-path=/site'

const pathsIn = (value: string): number | undefined => {
  const number = /^\d{1,4}$/.test(value) ? Number(value) : 0
  return number >= 1 && number <= MOST_PATHS ? number : undefined
}

/** As a key begins that lies below it: '' or text that ends in a slash. */
const prefixOf = (path: string): string => {
  const bare = path.replace(/^\/+|\/+$/g, '')
  return bare === '' ? '' : `${bare}/`
}

/** Ids of distributions and `name=value`, separated by commas or lines. */
export const cloudFront = anyText.transform((text, context): CdnRequest => {
  const distributions: string[] = []
  const others: string[] = []
  const given = new Map<string, string>()
  for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
    const [, name, value = ''] = /^(max-paths|origin-path)\s*=\s*(.*)$/.exec(item) ?? []
    if (name !== undefined && !given.has(name)) given.set(name, value)
    else if (name !== undefined) context.addIssue(`${name} is set twice`)
    else if (DISTRIBUTION.test(item)) distributions.push(item)
    else if (item !== '') others.push(item)
  }
  if (others.length > 0)
    context.addIssue(`${others.map((item) => JSON.stringify(item)).join(', ')}: ${EXPECTED}`)
  else if (distributions.length === 0) context.addIssue(EXPECTED)
  const asked = given.get('max-paths')
  const maxPaths = asked === undefined ? USUAL_PATHS : pathsIn(asked)
  if (maxPaths === undefined)
    context.addIssue(`max-paths: expected a whole number from 1 to ${MOST_PATHS}`)
  return {
    distributions: [...new Set(distributions)],
    maxPaths: maxPaths ?? USUAL_PATHS,
    originPrefix: prefixOf(given.get('origin-path') ?? ''),
  }
})
