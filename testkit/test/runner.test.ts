import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runAction, runPost } from '../runner.ts'
import { openJob } from '../runner-job.ts'
import { fakeAction, runScript } from './fake-action.ts'

describe('a step', () => {
  test('gets its inputs, defaults and the environment of a runner, nothing else', async () => {
    await using step = await runScript(
      'console.log(JSON.stringify([process.env, process.cwd()]))',
      {
        inputs: { Source: 's3://a/', typo: 'x' },
        env: { AWS_REGION: 'eu-west-1' },
      },
    )
    const [env, cwd] = JSON.parse(step.stdout)
    expect(env).toMatchObject({
      INPUT_SOURCE: 's3://a/',
      'INPUT_DRY-RUN': 'false',
      INPUT_WITH_SPACE: 'two words',
      AWS_REGION: 'eu-west-1',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: cwd,
      RUNNER_TEMP: step.job.runnerTemp,
    })
    const foreign = Object.keys(env).filter((name) => !/^(INPUT|GITHUB|RUNNER)_/.test(name))
    expect(foreign.sort()).toEqual(['AWS_REGION', 'CI', 'HOME', 'PATH'])
    expect(step.annotations.warnings).toEqual([
      { title: '', message: "Unexpected input(s) 'typo'" },
    ])
  })

  test.each([
    ['a new file', `writeFileSync('new', '')`, /new/],
    ['a file of the checkout that it wrote to', `appendFileSync('there', '!')`, /there/],
    ['a file that it removed', `rmSync('there')`, /there/],
    ['a link', `symlinkSync('/', 'link')`, /link/],
    ['a file in the home', `writeFileSync(process.env.HOME + '/x', '')`, /home\/x/],
  ])('may touch nothing but its own folders: %s', async (_what, code, path) => {
    await using job = await openJob()
    await writeFile(join(job.workspace, 'there'), 'here')
    const run = runScript(`import { writeFileSync, rmSync, symlinkSync } from 'node:fs'\n${code}`, {
      job,
    })
    await expect(run).rejects.toThrow(path)
  })

  test('may write to its report folder and to those of the runner', async () => {
    await using job = await openJob()
    await mkdir(join(job.workspace, 'report'))
    await using step = await runScript(
      `import { writeFileSync } from 'node:fs'
      for (const folder of ['report', process.env.RUNNER_TEMP, process.env.RUNNER_TOOL_CACHE])
        writeFileSync(folder + '/x', '')`,
      { job, inputs: { 'report-dir': './report' } },
    )
    expect(step.exitCode).toBe(0)
  })

  test('tells by its files what the runner reads from them', async () => {
    await using step = await runScript(`
      write('OUTPUT', 'result=success\\nurl=a=b<<c\\nlist<<END\\none\\n\\ntwo=2\\nEND\\nempty<<E\\nE\\n')
      write('STATE', 'uploadId=7')
      write('ENV', 'LATER=1\\n')
      write('PATH', '/opt/a\\n\\n/opt/b\\n')
      write('STEP_SUMMARY', '# Done\\n')
      console.log('::set-output name=old::1')`)
    expect(step.outputs).toEqual({
      result: 'success',
      url: 'a=b<<c',
      list: 'one\n\ntwo=2',
      empty: '',
      old: '1',
    })
    expect(step).toMatchObject({
      conclusion: 'success',
      exitCode: 0,
      signal: null,
      timedOut: false,
      exitedWithinMs: undefined,
      state: { uploadId: '7' },
      exportedEnv: { LATER: '1' },
      addedPaths: ['/opt/a', '/opt/b'],
      summary: '# Done\n',
      commandProblems: [],
      leftovers: [],
    })
  })
})

describe('the files of a step', () => {
  test.each([
    ['list<<END\\none\\nEND ', "output: Matching delimiter not found 'END'"],
    ['nothing', "output: Invalid format 'nothing'"],
    ['list<<', "output: Invalid format 'list<<'"],
    ['=value', "output: Invalid format '=value'"],
  ])('fails when an output is written as %s', async (text, problem) => {
    await using step = await runScript(`write('OUTPUT', 'first=1\\n${text}')`)
    expect(step).toMatchObject({ exitCode: 0, conclusion: 'failure', outputs: { first: '1' } })
    expect(step.commandProblems).toEqual([problem])
    expect(step.annotations.errors).toEqual([{ title: '', message: problem }])
  })

  test('loses a summary that is over 1 MiB, and nothing else', async () => {
    await using step = await runScript(`write('STEP_SUMMARY', 'x'.repeat(1024 * 1024 + 1))`)
    expect(step).toMatchObject({ conclusion: 'success', summary: '' })
    expect(step.annotations.errors[0]?.message).toContain('GITHUB_STEP_SUMMARY')
  })
})

describe('the log of a step', () => {
  test('shows lines with secrets hidden and commands carried out', async () => {
    await using step = await runScript(`
      const out = (line) => process.stdout.write(line)
      out('::add-mask::hunter2hunter2\\nsecret hunter2hunter2\\n')
      out('::error title=Bad::is hunter2hunter2\\n')
      out('copied x##[set-output name=forged]yes\\rcarriage\\r\\n::debug::quiet\\nend')
      write('STEP_SUMMARY', 'hunter2hunter2')`)
    expect(step.log).toBe('secret ***\n##[error]is ***\ncarriage\nend\n')
    expect(step.summary).toBe('***')
    expect(step.stdout).toContain('secret hunter2hunter2')
    expect(step.masks).toEqual(['hunter2hunter2'])
    expect(step.annotations.errors).toEqual([{ title: 'Bad', message: 'is ***' }])
    expect(step.outputs).toEqual({ forged: 'yes' })
  })

  test('may hold commands on stderr; one that is disabled fails the step', async () => {
    await using step = await runScript(`console.error('::set-env name=A::b')`)
    expect(step.commandProblems).toEqual(['The command set-env is disabled'])
    expect(step.conclusion).toBe('failure')
    expect(step.log).toBe('##[error]The command set-env is disabled\n')
  })

  test('keeps ten annotations of a kind, and characters that came in pieces', async () => {
    await using step = await runScript(`
      for (let n = 0; n < 12; n++) console.log('::warning::' + n)
      const bytes = Buffer.from('é€😀\\n')
      for (const byte of bytes) process.stdout.write(Buffer.of(byte))`)
    expect(step.annotations.warnings).toHaveLength(10)
    expect(step.log).toContain('é€😀\n')
  })
})

describe('a job', () => {
  test('is shared by its steps, and its post step gets the state', async () => {
    await using job = await openJob()
    await using steps = await fakeAction(
      `write('STATE', 'uploadId=7\\n'); write('ENV', 'LATER=1\\n'); write('PATH', '/opt/a\\n')`,
      `console.log(process.env.STATE_uploadId, process.env.LATER, process.env.PATH.split(':')[0],
         process.env['INPUT_DRY-RUN'], process.env.RUNNER_TEMP)`,
    )
    await using main = await runAction({
      inputs: { 'dry-run': 'true' },
      actionFile: steps.actionFile,
      job,
    })
    await using post = await runPost(main)
    expect(post.log).toBe(`7 1 /opt/a true ${job.runnerTemp}\n`)
    expect(await readdir(job.runnerTemp)).toEqual(['_runner_file_commands'])
  })

  test('is over when its only step is cleaned up', async () => {
    const step = await runScript('')
    await step.cleanup()
    await expect(stat(step.job.runnerTemp)).rejects.toThrow('ENOENT')
  })
})
