import type { Place } from '../model/place.ts'
import type { SyncRequest } from '../model/request.ts'
import { jobAsked } from '../model/shard.ts'
import {
  copyStatements,
  kmsArn,
  literal,
  onKeys,
  onObjects,
  type Policy,
  type Scope,
} from './policy.ts'
import type { Facts } from './preflight.ts'

/** The folder that holds the list and the report of a job. */
export interface JobPlace {
  readonly bucket: string
  readonly folder: string
  /** Whether the list names versions. */
  readonly versions: boolean
}

const wholeOf = ({ region, bucket, prefix, single }: Place): Scope => ({
  region,
  bucket,
  lists: [],
  keys: [single ? literal(prefix) : `${literal(prefix)}*`],
})

/** What the role needs that a job of S3 Batch Operations runs as. */
export function jobRolePolicy(
  request: SyncRequest,
  facts: Facts,
  { bucket, folder, versions }: JobPlace,
): Policy {
  const input = { request, facts, account: jobAsked(request.shard)?.roleArn.split(':')[4] }
  const [source, destination] = [wholeOf(facts.source), wholeOf(facts.destination)]
  const own = { region: destination.region, bucket, lists: [], keys: [`${literal(folder)}/*`] }
  const read = versions ? 's3:GetObjectVersion' : 's3:GetObject'
  const key = { sid: 'RequiredSourceKey', actions: ['kms:Decrypt'] }
  return {
    Version: '2012-10-17',
    Statement: [
      onObjects('RequiredList', own, 's3:GetObject', 's3:GetObjectVersion'),
      onObjects('RequiredReport', own, 's3:PutObject'),
      onObjects('RequiredSourceRead', source, read, `${read}Tagging`),
      ...onKeys(key, facts.kmsKeys.source, kmsArn(source, input)),
      ...copyStatements(destination, input),
    ],
  }
}
