import { expect, it } from 'vitest'
import { loadPart } from './load-part.ts'

it('gives what was loaded', async () => {
  await expect(loadPart('tests', () => Promise.resolve(7))).resolves.toBe(7)
})

it('says that the code cannot be loaded, that nothing was done, and that it may go well later', async () => {
  const cause = new TypeError('Failed to fetch dynamically imported module: http://shop/chunk.js')
  const loading = loadPart('parallel()', () => Promise.reject(cause))
  await expect(loading).rejects.toMatchObject({ code: 'DISCONNECTED', retriable: true, outcome: 'failed', cause })
  await expect(loading).rejects.toThrow(/parallel\(\).*chunk\.js.*offline/u)
})
