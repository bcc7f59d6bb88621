import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parts } from '../parts.ts'

test.each([
  ['s5cmd', 'v2.3.0'],
  ['weed', '4.48'],
  ['rclone', 'v1.75.2'],
] as const)('%s is the pinned one', (name, version) => {
  const program = parts()[name]
  expect(execFileSync(program, ['version'], { encoding: 'utf8', stdio: 'pipe' })).toContain(version)
})

test('moto is there', () => {
  expect(existsSync(parts().motoServer)).toBe(true)
})
