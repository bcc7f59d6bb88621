import { defineConfig } from 'vitest/config'

// A mutant is tried with the tests that start no process and open no port; the others would take days.
export default defineConfig({
  test: {
    include: [
      'test/unit/{plan,batch,verify,report,inputs,model}/**/*.test.ts',
      'test/property/**/*.test.ts',
    ],
    testTimeout: 20_000,
    isolate: false,
  },
})
