import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../src/ports.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** A clock whose time passes only when nobody has anything left to do. */
export function playedTime(): Clock & { play<T>(until: Promise<T>): Promise<T> } {
  const sleepers: Sleeper[] = []
  let nowMs = 0
  let seed = 1

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => {
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    if (signal?.aborted) wake()
    signal?.addEventListener('abort', wake)
    const atMs = nowMs + Math.ceil(ms)
    const behind = sleepers.findLastIndex((sleeper) => sleeper.atMs <= atMs)
    sleepers.splice(behind + 1, 0, { atMs, wake })
    return promise
  }

  return {
    now: () => nowMs,
    steadyMs: () => nowMs,
    sleep,
    random: () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    },
    within: (_limitMs, work) => work(),
    play: async (until) => {
      let over = false
      const ended = () => {
        over = true
      }
      until.then(ended, ended)
      for (await turn(); !over; await turn()) {
        const first = sleepers[0]
        if (!first) throw new Error('Everybody waits, and nothing will happen.')
        nowMs = Math.max(nowMs, first.atMs)
        while (sleepers[0]?.atMs === first.atMs) sleepers.shift()?.wake()
      }
      return until
    },
  }
}
