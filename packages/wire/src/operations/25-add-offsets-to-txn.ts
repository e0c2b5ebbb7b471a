import type { addOffsetsToTxn } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { int16, int32, int64, string, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'

/** AddOffsetsToTxn (API key 25). */
export const addOffsetsToTxnApi = defineApi({
  key: 25,
  name: 'AddOffsetsToTxn',
  version: 4,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, groupId: string }),
  response: struct({ throttleTimeMs: int32, errorCode: int16 }),
})

export const sendAddOffsetsToTxn: WireHandler<typeof addOffsetsToTxn> = async (cluster, request, call) => {
  const { transactionalId } = request
  const response = await cluster.askCoordinator('transaction', transactionalId, addOffsetsToTxnApi, request, call)
  return { throttleTimeMs: response.throttleTimeMs }
}
