import { jobAsked } from '../model/shard.ts'
import type { Problem } from './problem.ts'
import type { InputName, InputValues } from './schema.ts'
import { isLocal } from './sides.ts'

/** What each mode says of the parts of a plan. */
const SHARD_OF: Readonly<Record<string, (shard: InputValues['shard']) => string | undefined>> = {
  plan: (shard) =>
    shard && 'of' in shard ? 'is a part: with mode: plan, set the number of parts' : undefined,
  execute: (shard) =>
    shard && 'parts' in shard
      ? 'is a number of parts: with mode: execute, set one part, such as 3/8'
      : undefined,
}

/** Whether copies may be handed to S3 Batch Operations; undefined: they may. */
const jobProblem = (mode: string, { overwrite }: InputValues): string | undefined =>
  mode !== 'plan'
    ? 'batch-role and the other batch settings have an effect only with mode: plan: remove them here'
    : overwrite === 'never'
      ? 'batch-role cannot be combined with overwrite: never, because S3 Batch Operations always overwrites'
      : undefined

/** How many runners share a plan. */
export function shardInputs(values: InputValues): Problem[] {
  const { mode = 'sync', shard, 'plan-id': planId } = values
  const ofShard =
    shard === undefined
      ? undefined
      : (SHARD_OF[mode] ?? (() => 'has an effect only with mode: plan and mode: execute'))(shard)
  const isShard = mode === 'execute' && shard !== undefined
  const inParts = shard !== undefined || mode === 'finish'
  const given = (input: InputName, text: string | false | undefined): Problem[] =>
    text ? [{ input, text }] : []
  return [
    ...given('shard', ofShard),
    ...given('shard', jobAsked(shard) && jobProblem(mode, values)),
    ...given(
      'plan-id',
      planId !== undefined &&
        !isShard &&
        mode !== 'finish' &&
        'has an effect only with mode: finish, and with mode: execute and shard',
    ),
    ...given(
      'source',
      inParts &&
        isLocal(values) &&
        'is a local folder, which other runners do not have: remove shard',
    ),
    ...given(
      'dry-run',
      values['dry-run'] &&
        (mode === 'finish' || isShard) &&
        `is not possible with mode: ${mode}${isShard ? ' and shard' : ''}: use mode: plan for a preview`,
    ),
  ]
}
