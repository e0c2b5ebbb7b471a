import { describe } from 'vitest'
import { batchCases } from './storage/batch-cases.ts'
import { indexCases } from './storage/index-cases.ts'
import { metadataCases } from './storage/metadata-cases.ts'
import type { MakeStorage } from './storage/storage-harness.ts'

/**
 * The cases that every Storage of the embedded engine has to pass, as a vitest suite.
 *
 * @param makeStorage makes an empty place; called for each case
 */
export function storageConformance(makeStorage: MakeStorage): void {
  describe('batches', () => batchCases(makeStorage))
  describe('index', () => indexCases(makeStorage))
  describe('metadata', () => metadataCases(makeStorage))
}
