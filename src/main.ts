import { refuseOldNode } from './adapters/node-version.ts'

// An older Node could not even load what follows.
if (!refuseOldNode()) await import('./start.ts')
