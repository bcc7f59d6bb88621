/** The stages of a run, in their order: log, report, `failure-kind` and docs use these words. */
export const STAGES = [
  'inputs',
  'install',
  'credentials',
  'preflight',
  'list',
  'plan',
  'copy',
  'verify',
  'delete',
  'report',
] as const
export type Stage = (typeof STAGES)[number]
