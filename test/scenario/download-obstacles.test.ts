import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DownloadStage, openDownloadStage } from '../download-stage.ts'

let down: DownloadStage
beforeEach(async () => {
  down = await openDownloadStage()
})
afterEach(() => down[Symbol.asyncDispose]())

const reads = () => down.stage.kit.counters.of('GetObject')

describe('a file of the destination', () => {
  it('where a key needs a folder refuses the plan before anything is fetched, with delete, too', async () => {
    for (const key of ['ok', 'under/file', 'under/other']) down.put(key, key)
    await down.write('under', 'a file where a folder should be')
    for (const also of ['false', 'true']) {
      await using run = await down.fetch({ delete: also, 'max-delete': '100%' })
      expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
      const { message = '' } = run.annotations.errors[0] ?? {}
      expect(message).toContain(
        '- "under/file" needs a folder where this runner has the file "under"',
      )
      expect(message).toContain('- "under/other" needs')
      expect(message).toContain('or remove what is in their way on this runner')
    }
    await using dry = await down.fetch({ 'dry-run': 'true' })
    expect(dry.outputs).toMatchObject({ result: 'planned', 'failure-kind': 'guard' })
    expect(reads()).toBe(0)
    expect(await down.names()).toEqual(['under'])
  })

  it('below the name of a key refuses the plan, and names the key once', async () => {
    for (const key of ['folder', 'folder.txt', 'folder-1']) down.put(key, key)
    for (const name of ['folder/inside', 'folder/more/inside']) await down.write(name, 'x')
    await using run = await down.fetch()
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain(
      '"folder" is a folder on this runner, with "folder/inside"',
    )
    expect(run.annotations.errors[0]?.message.match(/^- /gm)).toHaveLength(1)
    await using some = await down.fetch({ exclude: 'folder' })
    expect(some.outputs).toMatchObject({ result: 'success', copied: '2' })
  })
})

describe('a destination that cannot become a folder', () => {
  it('is refused with what is in the way, instead of failing for each file', async () => {
    down.put('a', 'a')
    await writeFile(path.join(down.around, 'file'), 'x')
    await symlink('nowhere', path.join(down.around, 'link'))
    for (const [destination, why] of [
      ['file/below/it', 'file is a file'],
      ['link', 'link is a symbolic link to nothing'],
      ['link/below', 'link is a symbolic link to nothing'],
    ]) {
      await using run = await down.fetch({ destination: path.join(down.around, destination ?? '') })
      expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
      expect(run.outputs['failure-message']).toContain(why)
      expect(run.outputs['failure-message']).toContain('Set destination to a folder')
    }
  })

  it('is a source that does not exist where it is one', async () => {
    await writeFile(path.join(down.around, 'file'), 'x')
    await using run = await down.stage.run({
      source: path.join(down.around, 'file', 'below'),
      destination: 's3://dst/copy/',
    })
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
    expect(run.outputs['failure-message']).toContain('does not exist on this runner')
  })

  it('is made where a link leads to a folder', async () => {
    down.put('a', 'a')
    await mkdir(down.path())
    await symlink(down.path(), path.join(down.around, 'link'))
    await using run = await down.fetch({ destination: path.join(down.around, 'link') })
    expect(run.outputs, run.log).toMatchObject({ result: 'success' })
    expect(await down.names()).toEqual(['a'])
  })
})

describe('a plan that the disk of the destination has no room for', () => {
  it('is told with what is free there, in a dry run, too', async () => {
    down.stage.kit.store.put('src', 'data/huge.bin', { size: 4e12 })
    await using dry = await down.fetch({
      'dry-run': 'true',
      destination: down.path('not/there/yet'),
    })
    expect(dry.outputs, dry.log).toMatchObject({ result: 'planned', 'failure-kind': '' })
    expect(dry.log).toMatch(/The plan writes 4\.0 TB, but the disk of \S+ has only .* free/)
    await using check = await down.fetch({ mode: 'check' })
    expect(check.log).not.toContain('but the disk of')
    down.put('small', 'x')
    await using small = await down.fetch({ include: 'small' })
    expect(small.outputs, small.log).toMatchObject({ result: 'success' })
    expect(small.log).not.toContain('but the disk of')
  })
})

it.runIf(process.platform === 'linux')(
  'a folder in which no file can be created is told once, and nothing is fetched',
  async () => {
    for (const key of ['a', 'b/c']) down.put(key, key)
    // Nobody makes a folder there, whoever that is.
    const destination = '/proc/nowhere/out'
    await using run = await down.fetch({ destination })
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
    expect(run.outputs['failure-message']).toContain(
      `No file can be created in the destination ${destination}: "a": ENOENT: no such file or directory.`,
    )
    expect(reads()).toBe(0)
    await using planned = await down.fetch({ destination, 'dry-run': 'true' })
    expect(planned.outputs).toMatchObject({ result: 'planned', 'planned-copies': '2' })
  },
)
