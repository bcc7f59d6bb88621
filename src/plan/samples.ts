import type { Sample, Samples } from '../model/op.ts'

/** Objects kept of each reason; of what is deleted so many that a person can read the whole of most plans. */
const MOST = 10
const MOST_DELETES = 100
const mostOf = (reason: string): number => (reason === 'only-at-destination' ? MOST_DELETES : MOST)

/** The first objects of each reason, as they are collected. */
export type Collected = Record<string, Sample[]>

/** By itself: a piece of the text of a page holds all of that in memory, and examples stay until the end. */
const alone = (text: string): string => Buffer.from(text).toString()

/** Whether another object is kept as an example of a reason. */
export const wantsSample = (samples: Collected, reason: string): boolean =>
  (samples[reason]?.length ?? 0) < mostOf(reason)

/** Keeps an object as an example of its reason, if it is one of the first. */
export function addSample(samples: Collected, reason: string, sample: Sample): void {
  samples[reason] ??= []
  if (wantsSample(samples, reason)) samples[reason].push({ ...sample, key: alone(sample.key) })
}

/** The first of several collections, in their order. */
export function firstOf(several: readonly Collected[]): Samples {
  const first: Collected = {}
  for (const samples of several)
    for (const [reason, some] of Object.entries(samples))
      for (const sample of some) addSample(first, reason, sample)
  return first
}
