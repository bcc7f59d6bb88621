/** How many cases a property is tried with: so many in every run of the tests, and SCHEDULES in a long one. */
export const runs = (usual: number): { readonly numRuns: number } => ({
  numRuns: Number(process.env['SCHEDULES'] ?? usual),
})
