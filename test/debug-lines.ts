import { vi } from 'vitest'

/** Keeps what @actions says to the runner's debug log out of the output of the tests; dispose of it to let all through. */
export function withoutDebugLines(): Disposable {
  const write = process.stdout.write.bind(process.stdout)
  const spy = vi.spyOn(process.stdout, 'write')
  spy.mockImplementation((text, ...more) =>
    String(text).startsWith('::debug::') ? true : write(text, ...(more as [])),
  )
  return { [Symbol.dispose]: () => spy.mockRestore() }
}
