import { lstat, readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import type { Job } from './runner-job.ts'

/** What stands at each path, with what changes when somebody writes to it. */
export type World = ReadonlyMap<string, string>

/** What Go, and the rustc that pip asks for its version, keep in the home of whoever runs them. */
const OF_OTHERS = ['go', '.config/go', '.rustup']

async function addTo(world: Map<string, string>, at: string, without: readonly string[]) {
  if (without.includes(at)) return
  const facts = await lstat(at).catch(() => undefined)
  if (!facts) return
  if (facts.isSymbolicLink()) world.set(at, `link ${await readlink(at).catch(() => '')}`)
  else if (!facts.isDirectory()) world.set(at, `${facts.ino} ${facts.size} ${facts.mtimeMs}`)
  else {
    world.set(at, 'folder')
    const names = await readdir(at).catch(() => [])
    for (const name of names) await addTo(world, path.join(at, name), without)
  }
}

/** All that lies in a job's home and workspace: what no step may touch. Links are not followed. */
export async function worldOf(job: Job, own: readonly string[]): Promise<World> {
  const world = new Map<string, string>()
  const without = [...own, ...OF_OTHERS.map((name) => path.join(job.home, name))]
  for (const folder of [job.home, job.workspace]) await addTo(world, folder, without)
  // Whose content counts is there by itself.
  world.delete(path.join(job.home, '.config'))
  return world
}

/** The paths that are new, changed or gone. */
export const touched = (before: World, after: World): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((at) => before.get(at) !== after.get(at))
