import { defineConfig } from 'vitest/config'

const room = process.env['ROOM'] ?? '*'

/** Laws that hold of a room. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  plan: ['plan', 'laws'],
  s5cmd: ['laws'],
  transfer: ['laws'],
}

// A mutant is tried with the tests of its room that start no process and open no port; the others would take days.
export default defineConfig({
  test: {
    include: [
      `test/unit/${room}/**/*.test.ts`,
      ...(PROPERTIES[room] ?? []).map((name) => `test/property/${name}.test.ts`),
    ],
    testTimeout: 20_000,
    isolate: false,
  },
})
