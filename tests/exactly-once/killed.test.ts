import { it } from 'vitest'
import { partTimeoutMs, testPart } from '../reliability/test-part.ts'
import { killedCopy } from './killed-copy.ts'

it('copies records exactly once while processes die by kill -9', { timeout: partTimeoutMs }, () =>
  testPart(killedCopy, ['records', 'kills']),
)
