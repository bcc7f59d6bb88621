import { describe, expect, it } from 'vitest'
import { readHeaderRules } from '../../../src/inputs/header-rules.ts'

const read = (text: string, isWorkflow = true) =>
  readHeaderRules({ text, name: 'headers', isWorkflow })

const problemsOf = (text: string, isWorkflow = true) => read(text, isWorkflow).problems

/** A rule for everything with these lines in it. */
const rule = (...lines: readonly string[]) =>
  ["- files: ['**']", ...lines.map((line) => `  ${line}`)].join('\n')

describe('rules for headers', () => {
  it('say by globs what is set', () => {
    const { rules, problems } = read(`
- files: ['*.html', 'sw.js']
  cache-control: no-cache
- files: '*.deb'
  content-type: application/vnd.debian.binary-package
  content-disposition: attachment; filename="a b.deb"
  content-language: de, en
  content-encoding: gzip
  metadata: { Commit: abc123, empty: '' }
  storage-class: STANDARD_IA
  acl: public-read
  tags: { team: web, "a b": "1+2" }
`)
    expect(problems).toEqual([])
    expect(rules).toEqual([
      { files: ['*.html', 'sw.js'], headers: { 'cache-control': 'no-cache' } },
      {
        files: ['*.deb'],
        headers: {
          'content-type': 'application/vnd.debian.binary-package',
          'content-disposition': 'attachment; filename="a b.deb"',
          'content-language': 'de, en',
          'content-encoding': 'gzip',
          'x-amz-meta-commit': 'abc123',
          'x-amz-meta-empty': '',
        },
        storageClass: 'STANDARD_IA',
        acl: 'public-read',
        tags: 'a%20b=1%2B2&team=web',
      },
    ])
  })

  it('take numbers and booleans as the text that stands there', () => {
    const { rules } = read(rule('metadata: { build: 007, beta: yes, ratio: 1e3 }'))
    expect(rules[0]?.headers).toEqual({
      'x-amz-meta-build': '007',
      'x-amz-meta-beta': 'yes',
      'x-amz-meta-ratio': '1e3',
    })
  })

  it('may use anchors, and a glob a line', () => {
    const { rules, problems } = read(`
- files: &web |
    *.html
    *.css
  cache-control: &none no-cache
- files: *web
  metadata: { again: *none }
`)
    expect(problems).toEqual([])
    expect(rules.map(({ files }) => files)).toEqual([
      ['*.html', '*.css'],
      ['*.html', '*.css'],
    ])
    expect(rules[1]?.headers).toEqual({ 'x-amz-meta-again': 'no-cache' })
  })

  it('may begin with a byte order mark, as a file that an editor of Windows saved', () => {
    const text = rule('cache-control: no-cache')
    expect(read(`\ufeff${text}`)).toEqual(read(text))
  })

  it.each([
    [
      'a field that there is not',
      rule('compress: gzip'),
      'line 2: "compress" is not one of files, ',
    ],
    ['a field that is misspelt', rule('cache-controll: no-cache'), 'tags; write cache-control'],
    ['a field in other letters', rule('Content_Type: a/b'), 'tags; write content-type'],
    [
      'a value that a comma cuts',
      "- { files: ['a'], cache-control: public, max-age=60 }",
      'line 1: "max-age=60" has no value: within { } quote a value that contains a comma',
    ],
    ['another spelling', rule('Cache-Control: a'), 'line 2: "Cache-Control" is not one of'],
    ['no files', '- cache-control: a', 'line 1: a rule needs files'],
    ['nothing besides files', rule(), 'line 1: a rule sets nothing besides files'],
    [
      'a glob without quotes',
      '- files: [*.html]\n  acl: private',
      'files is not a plain text in YAML: put it in quotes',
    ],
    ['globs that are empty', '- files: []\n  acl: private', 'line 1: files has no value'],
    ['a value that is missing', rule('cache-control:'), 'line 2: cache-control has no value'],
    ['a list for a value', rule('cache-control: [a]'), 'line 2: cache-control'],
    ['a mapping at the top', "files: ['*']\ncache-control: a", 'expected a list of rules'],
    ['text at the top', 'no-cache', 'expected a list of rules'],
    ['text for a rule', '- no-cache', 'line 1: expected a rule'],
    ['no list at all', '# nothing', 'expected a list of rules'],
    ['a field twice', rule('acl: private', 'acl: private'), 'line 3: Map keys must be unique'],
    ['other characters than ASCII', rule('content-language: dé'), 'printable ASCII alone'],
    ['a line break', rule('cache-control: "a\\r\\nx: y"'), 'line 2: cache-control takes printable'],
    ['a name of a file', rule('content-disposition: a; filename=ü'), "filename*=UTF-8''"],
    ['a blank at the end', rule('cache-control: "a "'), 'begins or ends with a space'],
    ['metadata that is text', rule('metadata: a=b'), 'metadata takes names and values'],
    ['a prefix before metadata', rule('metadata: { x-amz-meta-a: b }'), 'without x-amz-meta-'],
    [
      'our own name',
      rule('metadata: { s3-direct-sync-headers: b }'),
      'is reserved for this action',
    ],
    ['our other name', rule('metadata: { s3-direct-sync-part-size: 1 }'), 'is reserved for this'],
    ['a blank in a name', rule('metadata: { a b: c }'), 'is not allowed in a header name'],
    ['a name twice', rule('metadata: { a: b, A: c }'), 'names are not case-sensitive'],
    ['metadata of 2 KB', rule(`metadata: { a: ${'x'.repeat(1976)} }`), 'S3 takes 1976 bytes'],
    ['a word for a type', rule('content-type: none'), 'content-type expected a type such as'],
    ['bytes for a value', rule('cache-control: !!binary aGk='), 'is not a plain text in YAML'],
    ['a date for a value', rule('metadata: { a: !!timestamp 2026-11-29 }'), 'is not a plain text'],
    ['bytes for a glob', '- files: !!binary Kg==\n  acl: private', 'is not a plain text in YAML'],
    ['headers of 2 KB', rule(`content-type: a/${'x'.repeat(2040)}`), 'S3 takes 2048 bytes'],
    ['a class that there is not', rule('storage-class: COLD'), 'expected one of STANDARD, '],
    ['an ACL that there is not', rule('acl: open'), 'expected one of private, '],
    ['eleven tags', rule(`tags: {${'abcdefghijk'.split('').map((c) => `${c}: x`)}}`), 'at most 10'],
    ['a tag of AWS', rule('tags: { aws:x: y }'), 'are reserved'],
    [
      'a character of a tag',
      rule('tags: { a: b&c }'),
      'tags "a": names and values may contain letters',
    ],
    [
      'half a character of a tag',
      rule('tags: { a: "\\ud800" }'),
      'names and values may contain letters',
    ],
    ['a tag that is too long', rule(`tags: { a: ${'x'.repeat(257)} }`), 'at most 256'],
  ])('are refused with their line where there is %s', (_what, text, problem) => {
    expect(problemsOf(text).join('\n')).toContain(problem)
  })

  it('hold as much metadata as S3 takes', () => {
    expect(problemsOf(rule(`metadata: { a: ${'x'.repeat(1975)} }`))).toEqual([])
  })

  it('may leave objects without tags', () => {
    expect(read(rule('tags: {}')).rules[0]?.tags).toBe('')
  })

  it('set no ACL where they do not stand in the workflow', () => {
    expect(problemsOf(rule('acl: public-read'), false)).toEqual([
      'headers, line 2: acl can only be set in the workflow: move headers there',
    ])
  })

  it('name all that is wrong at once', () => {
    expect(problemsOf(`${rule('acl: x', 'tags: x')}\n- a: b`)).toHaveLength(4)
  })
})
