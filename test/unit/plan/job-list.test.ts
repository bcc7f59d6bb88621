import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { JobList } from '../../../src/plan/job-list.ts'
import { memoryFiles } from '../../memory-files.ts'
import { copyOf } from '../../shard-fixture.ts'

const CUT = {
  request: {
    ...{ roleArn: 'arn:aws:iam::123456789012:role/batch', bucket: 'lists', prefix: 'p' },
    ...{ priority: 10, confirm: false },
  },
  head: '',
  bucket: 'src',
}

it('takes as many copies as a list may have bytes for, and knows its own MD5', async () => {
  const files = memoryFiles()
  const rows = ['src,data/a%20', 'src,data/b%20']
  const most = rows.join('\n').length + 1
  const list = new JobList(files, '/p', CUT, most)
  const taken = ['a ', 'b ', 'c '].map((name) =>
    list.takes({ ...copyOf(name, 7), to: `data/${name}` }),
  )
  expect(taken).toEqual([true, true, false])
  expect(await list.close()).toEqual({
    ...{ bucket: 'lists', prefix: 'p', versions: false },
    md5: createHash('md5')
      .update(`${rows.join('\n')}\n`)
      .digest('hex'),
    left: { 'list-full': { objects: 1, bytes: 7 } },
  })
})
