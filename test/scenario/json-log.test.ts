import { fail } from 's3-direct-sync-testkit/faults.ts'
import { openStage } from 's3-direct-sync-testkit/stage.ts'
import { expect, it } from 'vitest'

it('every line of a JSON log is an object, be it of a success or a failure', async () => {
  const stage = await openStage()
  for (const key of ['a', 'line\nbreak', '::error::x', '##[group]y'])
    stage.kit.store.put('src', `data/${key}`, { body: key })
  await using good = await stage.run({ json: 'true', 'log-level': 'debug' })
  stage.kit.faults.add({ match: { operation: 'CopyObject' }, fault: fail(403, 'AccessDenied') })
  await using bad = await stage.run({ json: 'true', compare: 'always' })
  for (const [run, word] of [
    [good, 'Copied: 4 files'],
    [bad, 'Failed: 4 files'],
  ] as const) {
    expect(run.commandProblems).toEqual([])
    // Annotations are the runner's own and stay: a failure has one, of several lines.
    const lines = run.log
      .split('\n')
      .filter((line) => (run === good ? line !== '' : line.startsWith('{')))
    const objects = lines.map((line) => JSON.parse(line) as Record<string, string>)
    for (const object of objects) expect(Object.keys(object)).toEqual(['time', 'level', 'message'])
    expect(objects.map(({ message }) => message).join('\n')).toContain(word)
  }
  await stage[Symbol.asyncDispose]()
})
