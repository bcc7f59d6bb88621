/** Bytes that may be held at a time. */
export interface Budget {
  /** Runs work that holds so many bytes when there is room for them; what is larger than all waits to be alone. */
  hold<T>(bytes: number, work: () => Promise<T>): Promise<T>
}

/** A budget of `mostBytes`; those who wait are served in turn. */
export function createBudget(mostBytes: number): Budget {
  const waiting: { readonly bytes: number; readonly enter: () => void }[] = []
  let held = 0

  function letIn(): void {
    for (let first = waiting[0]; first; first = waiting[0]) {
      if (held > 0 && held + first.bytes > mostBytes) return
      held += first.bytes
      waiting.shift()
      first.enter()
    }
  }

  return {
    hold: async (bytes, work) => {
      await new Promise<void>((enter) => {
        waiting.push({ bytes, enter })
        letIn()
      })
      try {
        return await work()
      } finally {
        held -= bytes
        letIn()
      }
    },
  }
}
