// Runs a server for as long as the pipe to its standard input stays open, and no longer than its life: no crash of
// a test run leaves a server behind.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { GuardSpec } from './local-server.ts'

const spec: GuardSpec = JSON.parse(process.argv[2] ?? '')
const server = spawn(spec.command, spec.args, { stdio: ['ignore', 'inherit', 'inherit'] })
// Its data are thrown away, so there is nothing to wait for.
const stop = (): void => {
  server.kill('SIGKILL')
}

const finish = (exitCode: number): void => {
  for (const path of spec.remove) rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  process.exit(exitCode)
}

process.stdin.on('close', stop).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
setTimeout(stop, spec.maxLifeMs)
server.on('error', (error) => {
  console.error(String(error))
  finish(1)
})
server.on('exit', (code) => finish(code ?? 1))
