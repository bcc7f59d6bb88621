import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../local-server.ts'

const SERVER = `require('node:http').createServer((_, response) => response.end(process.cwd()))
  .listen(process.argv[1], '127.0.0.1')`

const place = { folder: '' }
const start = (script: string) =>
  startServer(({ port, folder }) => {
    place.folder = folder
    return {
      command: process.execPath,
      args: ['-e', script, String(port)],
      env: {},
      readyUrl: `http://127.0.0.1:${port}/`,
    }
  })

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )

test('servers get ports and folders of their own, which are free again when they are closed', async () => {
  await using one = await start(SERVER)
  const { folder } = place
  await using two = await start(SERVER)
  expect(Math.abs(one.port - two.port)).toBeGreaterThanOrEqual(10)
  expect(place.folder).not.toBe(folder)
  await one.close()
  expect(await exists(folder)).toBe(false)
  expect(await exists(place.folder)).toBe(true)
})

test('a server that does not start tells what it printed and leaves nothing', async () => {
  await expect(start('throw new Error("no disk")')).rejects.toThrow(/it ended.*no disk/s)
  expect(await exists(place.folder)).toBe(false)
})

test('a server dies with the process that started it', async () => {
  const module = path.resolve(import.meta.dirname, '..', 'local-server.ts')
  const owner = `const { startServer } = await import(${JSON.stringify(module)})
    const { port } = await startServer(({ port }) => ({ command: process.execPath,
      args: ['-e', ${JSON.stringify(SERVER)}, String(port)], env: {},
      readyUrl: 'http://127.0.0.1:' + port + '/' }))
    console.log(port)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner], { stdio: 'pipe' })
  const [port] = await once(child.stdout, 'data')
  const url = `http://127.0.0.1:${Number(port)}/`
  const folder = await (await fetch(url)).text()
  child.kill('SIGKILL')
  await expect.poll(() => fetch(url).then(String, () => 'gone')).toBe('gone')
  await expect.poll(() => exists(folder)).toBe(false)
})
