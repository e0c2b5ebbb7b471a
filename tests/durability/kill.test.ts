import { it } from 'vitest'
import { mixedLoadFigures } from '../reliability/load/mixed-load-figures.ts'
import { partTimeoutMs, testPart } from '../reliability/test-part.ts'
import { killRun } from './kill-run.ts'

it(
  'keeps every acknowledged record once, transactions whole and groups going on over kill -9 of the server',
  { timeout: partTimeoutMs },
  () => testPart(killRun, ['kills', ...mixedLoadFigures]),
)
