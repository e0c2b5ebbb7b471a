import type { capabilities } from '@kafkado/core'
import { allOperations } from '@kafkado/core/internal'
import { configValue } from '../topic/topic-config.ts'
import type { Handler } from './handler.ts'

export const handleCapabilities: Handler<typeof capabilities> = (engine) => ({
  server: 'kafkado',
  storage: engine.storage.kind,
  operations: allOperations.map(({ name }) => name),
  maxMessageBytes: Number(configValue({}, 'max.message.bytes')),
  ...(engine.failure ? { isWritable: false } : {}),
})
