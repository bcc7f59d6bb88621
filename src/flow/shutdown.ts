/** When a cancelled run is over: the runner ends it by force 7.5 s after it told it to end. Milliseconds. */
export const SHUTDOWN_LIMIT_MS = 6000

/**
 * What a cancelled run may take, one share after the other, at the worst: where engines end sooner, all that follows
 * has more. Milliseconds.
 */
export const SHUTDOWN_MS = {
  /** Until s5cmd, which was told to end at once, is killed. Uploads have their last words meanwhile. */
  engines: 4000,
  /** The rows of copies that were not started. */
  copyRows: 250,
  /** Looks at what was copied. */
  looks: 500,
  /** The rows of copies that waited for others. */
  heldRows: 40,
  /** The rows of deletes, of which none is begun any more. */
  deleteRows: 250,
  /** The rows as the looks leave them. */
  amendedRows: 250,
  /** Report, outputs and summary. */
  report: 400,
  /** Whatever may still be open then does not hold the step any longer. */
  exit: 300,
} as const

/** The last words about an upload in parts, within the share of the engines: it is aborted twice. Milliseconds. */
export const UPLOAD_END_MS = {
  /** For the answer that names an upload which was just begun: nobody could abort it without. */
  begin: 1000,
  /** For each abort. */
  abort: 1250,
  /** Between them, as parts that were under way may arrive behind the first. */
  pause: 500,
} as const

/** How long a cancelled run may wait, so long after the cancel, for what its post step does else; milliseconds. */
export const spareMs = (cancelledForMs: number): number => {
  const { amendedRows, report, exit } = SHUTDOWN_MS
  return Math.max(0, SHUTDOWN_LIMIT_MS - amendedRows - report - exit - cancelledForMs)
}

/** As long as all is quick: rows are written, and copies looked at, until so long after the cancel; milliseconds. */
const USUAL_MS = { rows: 3000, looks: 2500 }

/** A share of rows. */
export type RowShare = 'copyRows' | 'heldRows' | 'deleteRows' | 'amendedRows'

/**
 * Tells whether a cancelled run has to leave its remaining rows unwritten, so that it ends in time; they count as
 * unknown. `cancelledForMs`: since the cancel, 0 while there is none; the share begins with this call.
 */
export function lateness(cancelledForMs: () => number, share: RowShare): () => boolean {
  const begunMs = cancelledForMs()
  return () => cancelledForMs() > Math.max(USUAL_MS.rows, begunMs + SHUTDOWN_MS[share])
}

/** How long what was copied may still be looked at, so long after the cancel; milliseconds. */
export const looksLeftMs = (cancelledForMs: number): number =>
  Math.max(SHUTDOWN_MS.looks, USUAL_MS.looks - cancelledForMs)
