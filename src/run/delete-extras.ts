import { SyncError } from '../errors/sync-error.ts'
import type { Plan } from '../model/op.ts'
import type { ExtrasNote } from '../transfer/delete/extras-note.ts'
import { DeleteWave } from '../transfer/delete/wave.ts'
import type { Executor } from '../transfer/executor.ts'
import { type Run, runStage } from './pipeline.ts'
import type { Ready } from './ready.ts'

/** A plan whose copies have ended. */
export interface Deleting {
  readonly run: Run
  readonly ready: Ready
  readonly plan: Plan
  readonly executor: Executor
  /** Folder for what does not fit into memory. */
  readonly scratch: string
}

const RUN_AGAIN =
  'Copied objects stay copied, and nothing was deleted. If access was denied, allow s3:GetObject and s3:PutObject on the list to the identity that writes the destination. Then run again.'

/**
 * Deletes are the last wave of all. Where extras wait it is noted first since when; that begins only behind a run whose
 * copies are done and proven, as until then what is there still names them.
 */
export async function deleteExtras(deleting: Deleting, cleared: boolean): Promise<void> {
  const { run, ready, plan, executor } = deleting
  const { files, host } = run.ports
  const note = cleared ? await noteOf(deleting) : undefined
  const held = await note?.begin()
  try {
    if (plan.trailer.deletes.objects === 0) {
      if (!held) return
      host.cancelled.throwIfAborted()
      throw new SyncError('delete', held.message, { hint: RUN_AGAIN })
    }
    const { request, facts, paths } = ready
    const wave = new DeleteWave({ plan, facts, request, files, held })
    const { deleted, planned } = await runStage(run, wave.stage, () => executor.run(wave, cleared))
    if (deleted < planned && !held) await note?.end(paths.results)
    // What ended the run is the cause, and not what it left.
    if (deleted < planned) host.cancelled.throwIfAborted()
  } catch (error) {
    run.record.failure ??= error
  }
}

/** undefined where nothing new is to be noted. */
async function noteOf({ run, ready, plan, scratch }: Deleting): Promise<ExtrasNote | undefined> {
  const { extras } = plan
  if (!extras?.isNews) return undefined
  const { ExtrasNote } = await import('../transfer/delete/extras-note.ts')
  const { files, folder: openFolder, clock, host } = run.ports
  return new ExtrasNote({
    plan,
    extras,
    destination: ready.facts.destination,
    transfer: ready.request.transfer,
    files,
    openFolder,
    folder: scratch,
    context: { clock, log: run.log, signal: host.cancelled },
  })
}
