import { it } from 'vitest'
import { mixedLoadFigures } from '../reliability/load/mixed-load-figures.ts'
import { partTimeoutMs, testPart } from '../reliability/test-part.ts'
import { threeServers } from './three-servers.ts'

it(
  'three servers over one engine lose and repeat nothing while each of them dies and comes back',
  { timeout: partTimeoutMs },
  () => testPart(threeServers, ['kills', ...mixedLoadFigures]),
)
