import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LocalStage, openLocalStage } from '../local-stage.ts'

let stage: LocalStage
beforeEach(async () => {
  stage = await openLocalStage()
  await stage.put('index.html', '<p>hi</p>')
  await stage.put('assets/app.js', 'x')
})
afterEach(() => stage[Symbol.asyncDispose]())

const rules = (seconds: number): string => `
- { files: ['*.html'], cache-control: no-cache }
- { files: ['assets/'], cache-control: max-age=${seconds} }
`
const cacheOf = (name: string) => stage.facts(name)?.headers['cache-control']

describe('headers of files that did not change', () => {
  it('are written anew where their rule changed, and only there', async () => {
    await using first = await stage.publish({ headers: rules(60) })
    expect(first.outputs, first.log).toMatchObject({ result: 'success', copied: '2' })
    await using same = await stage.publish({ headers: rules(60) })
    expect(same.outputs, same.log).toMatchObject({ result: 'nothing-to-do' })
    await using other = await stage.publish({ headers: rules(3600) })
    expect(other.outputs, other.log).toMatchObject({ result: 'success', copied: '1' })
    expect(cacheOf('assets/app.js')).toBe('max-age=3600')
    expect(cacheOf('index.html')).toBe('no-cache')
  })

  it('are written over what another tool uploaded without them, once', async () => {
    const { store } = stage.stage.kit
    store.put('dst', 'copy/index.html', { body: '<p>hi</p>' })
    store.put('dst', 'copy/assets/app.js', { body: 'x' })
    await using first = await stage.publish({ headers: rules(60) })
    expect(first.outputs, first.log).toMatchObject({ result: 'success', copied: '2' })
    expect(stage.facts('index.html')?.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
    })
    await using same = await stage.publish({ headers: rules(60) })
    expect(same.outputs, same.log).toMatchObject({ result: 'nothing-to-do' })
  })
})

describe('metadata by rules', () => {
  const rule = (name: string, bytes: number): string =>
    `- { files: ['*'], metadata: { ${name}: '${'x'.repeat(bytes)}' } }`

  it('has as many bytes as a rule may have on files of any size', async () => {
    await stage.put('large.bin', Buffer.alloc(9 * 2 ** 20))
    await using run = await stage.publish({ headers: rule('a', 1975) })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '3' })
  })

  it('is named where several rules together have more than S3 takes', async () => {
    await using run = await stage.publish({
      headers: [rule('a', 1500), rule('b', 1500)].join('\n'),
    })
    expect(run.outputs).toMatchObject({ result: 'failed', failed: '2' })
    expect(run.outputs['failure-message']).toContain('shorten metadata in headers')
  })
})
