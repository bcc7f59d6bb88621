import { createHash } from 'node:crypto'
import type { Files } from '../ports.ts'
import { reportPaths } from './report-paths.ts'

const NOTE_SCHEMA = 's3-direct-sync/folder/1'
const MOST_BYTES = 4096

/** What a run leaves in its report folder, so that the next one knows its files. It is not hidden, so that artifacts hold it. */
export interface FolderNote {
  readonly schema: typeof NOTE_SCHEMA
  /** Hex; of the policy.json that was written, which has no room for a name of ours. */
  readonly policySha256?: string | undefined
}

/** Writes the note, with the hash of the policy.json that is there or will be, hex. */
export const writeNote = (
  files: Pick<Files, 'join' | 'writeText'>,
  folder: string,
  policySha256: string | undefined,
): Promise<void> => {
  const note: FolderNote = { schema: NOTE_SCHEMA, policySha256 }
  return files.writeText(reportPaths(files, folder).note, `${JSON.stringify(note)}\n`)
}

/** The note of an earlier run; undefined where there is none that this action wrote. */
export async function readNote(
  files: Pick<Files, 'join' | 'kindOf' | 'startOf'>,
  folder: string,
): Promise<FolderNote | undefined> {
  const { note } = reportPaths(files, folder)
  if ((await files.kindOf(note)) !== 'file') return undefined
  try {
    const read = JSON.parse(await files.startOf(note, MOST_BYTES)) as Partial<FolderNote> | null
    return read?.schema === NOTE_SCHEMA ? { ...read, schema: NOTE_SCHEMA } : undefined
  } catch {
    return undefined
  }
}

/** Of text as it is written, hex. */
export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')
