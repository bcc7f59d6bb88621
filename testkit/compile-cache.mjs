// Loaded into each step before its script: a bundle of megabytes is compiled once, not by each of the many steps.
import { enableCompileCache } from 'node:module'
import path from 'node:path'

enableCompileCache(path.join(path.dirname(import.meta.dirname), 'node_modules', '.cache', 'steps'))
