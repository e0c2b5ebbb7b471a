import { capabilities } from '@kafkado/core'
import { allOperations } from '@kafkado/core/internal'
import { configValue } from '../settings/topic-config.ts'
import { handles } from './handler.ts'

export const handleCapabilities = handles(capabilities, (engine) => ({
  server: 'kafkado',
  storage: engine.storage.kind,
  operations: allOperations.map(({ name }) => name),
  maxMessageBytes: Number(configValue({}, 'max.message.bytes')),
  ...(engine.failure ? { isWritable: false } : {}),
  ...(engine.freeSpace.isNearlyFull ? { isNearlyFull: true } : {}),
  ...(engine.damagedBatches > 0 ? { damagedBatches: engine.damagedBatches } : {}),
}))
