import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    // CI shares its machine: a promise about time that it breaks once is told, one that breaks twice fails.
    retry: Number(process.env['TEST_RETRIES'] ?? 0),
    // Tests that leave nothing behind need no process of their own, which costs more than most of them.
    isolate: false,
    unstubEnvs: true,
    // Told of each file is how long it took; of each test with `--reporter=verbose`.
    slowTestThreshold: 15_000,
    // Most tests wait for the processes they start, so there are more of them than cores.
    maxWorkers: availableParallelism() * 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/property/*.test.ts', 'test/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'testkit',
          include: ['testkit/test/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/{contract,scenario,fault,platform,bundle}/**/*.test.ts'],
        },
      },
    ],
  },
})
