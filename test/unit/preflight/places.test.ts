import { expect, it } from 'vitest'
import { listingError } from '../../../src/preflight/places.ts'

it('a local folder that breaks a listing is not told as a bucket', () => {
  const error = Object.assign(new Error("EACCES: permission denied, lstat '/site/a'"), {
    code: 'EACCES',
  })
  const { message, hint } = listingError({ bucket: '', region: '' }, error)
  expect(message).toBe(
    "The local folder could not be listed: EACCES: permission denied, lstat '/site/a'",
  )
  expect(hint).toContain('Allow the user of this job to read it')
})
