import { expect, it } from 'vitest'
import { testPart } from '../../reliability/test-part.ts'
import { hostileLoad } from './hostile-load.ts'

it('a neighbour is served while a key does whatever it can', { timeout: 600_000 }, async () => {
  const { counts } = await testPart(hostileLoad, ['attacks', 'requests of the neighbour'])
  for (const status of [400, 401, 403, 413]) expect(counts[`answers ${status}`], `${status}`).toBeGreaterThan(0)
})
