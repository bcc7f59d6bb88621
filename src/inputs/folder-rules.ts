import { s3Url } from '../model/place.ts'
import { type Area, areaOf, folderNamed, relationOf } from './areas.ts'
import type { Problem } from './problem.ts'
import type { InputValues } from './schema.ts'
import { endpointOf, isDownload } from './sides.ts'

/** What jobs leave files in for one another. */
type FolderInput = 'plan-dir' | 'shards-dir'

/** The prefix that an input names in a bucket; undefined where it names none. */
function prefixOf(values: InputValues, input: FolderInput): Area | undefined {
  const place = values[input]
  if (!place || place.local !== undefined) return undefined
  const endpoint = endpointOf(values, isDownload(values) ? 'source' : 'destination')
  return { endpoint, bucket: place.bucket, folder: folderNamed(place) }
}

/** Files of ours among objects that are synced would be copied, counted or deleted with them. */
function overlapOf(values: InputValues, input: FolderInput): Problem[] {
  const area = prefixOf(values, input)
  return (['source', 'destination'] as const).flatMap((side) => {
    const relation = relationOf(area, areaOf(values, side))
    if (!area || relation === undefined) return []
    const text = `${s3Url(area.bucket, area.folder)} ${relation} ${side}, and the files of a plan are no objects to sync: set a prefix that overlaps with neither source nor destination`
    return [{ input, text }]
  })
}

/** Where the plan of `mode: execute` and `mode: finish` is, and where `mode: plan` leaves it. */
function planDir(values: InputValues): Problem[] {
  const { mode = 'sync', 'plan-dir': given, 'report-dir': reportDir } = values
  const problem = (text: string): Problem[] => [{ input: 'plan-dir', text }]
  if (mode === 'plan' && given)
    return given.local === undefined
      ? []
      : problem(
          'has an effect only with mode: execute and mode: finish where it is a folder: mode: plan writes to report-dir, and to s3://bucket/prefix/ where that is set here',
        )
  if (mode !== 'execute' && mode !== 'finish')
    return given ? problem('has an effect only with mode: plan, execute and finish') : []
  // The default of report-dir is a new folder, in which no plan can be.
  return given === undefined && reportDir === undefined
    ? problem(
        `is required with mode: ${mode}: the folder that contains ${mode === 'finish' ? 'plan.json' : 'plan.ndjson'}, here or as report-dir`,
      )
    : []
}

/** Where shards leave what `mode: finish` reads. */
function shardsDir({ mode, shard, 'shards-dir': given }: InputValues): Problem[] {
  const problem = (text: string): Problem[] => [{ input: 'shards-dir', text }]
  if (mode === 'finish')
    return given
      ? []
      : problem('is required with mode: finish: the folder with the results of the shards')
  if (!given) return []
  if (mode !== 'execute' || !shard)
    return problem(
      'has an effect only with mode: finish, and as s3://bucket/prefix/ with mode: execute and shard',
    )
  return given.local === undefined
    ? []
    : problem(
        'is a folder, which has an effect only with mode: finish: what the shard leaves is in report-dir',
      )
}

/** Nobody signs for who reads a public source into a folder of this runner. */
function unsigned(values: InputValues, input: FolderInput): Problem[] {
  const isUnsigned = isDownload(values) && values['source-no-sign-request'] === true
  return isUnsigned && prefixOf(values, input)
    ? [{ input, text: 'needs credentials, and source-no-sign-request leaves this run none' }]
    : []
}

/** What is wrong with the folders in which jobs leave files for one another. */
export function folderInputs(values: InputValues): Problem[] {
  const { mode, 'dry-run': isDry } = values
  const leaves = mode === 'plan' && prefixOf(values, 'plan-dir') !== undefined
  return [
    ...planDir(values),
    ...shardsDir(values),
    ...(['plan-dir', 'shards-dir'] as const).flatMap((input) => [
      ...overlapOf(values, input),
      ...unsigned(values, input),
    ]),
    ...(leaves && isDry
      ? [
          {
            input: 'dry-run' as const,
            text: 'writes nothing, and mode: plan would leave its plan in plan-dir: remove one of the two',
          },
        ]
      : []),
  ]
}
