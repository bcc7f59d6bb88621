/** Levels of our own log, loudest first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The level where none is asked for: whoever runs a job again with debug logging wants to see more. */
export const unaskedLevel = (env: Readonly<Record<string, string | undefined>>): LogLevel =>
  env['RUNNER_DEBUG'] === '1' ? 'debug' : 'info'
