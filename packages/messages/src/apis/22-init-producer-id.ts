import { defineApi } from '../api.ts'
import { boolean, field, int16, int32, int64, nullable, string, struct } from '../fields/fields.ts'

/**
 * InitProducerId (API key 22). Version 3 states the producer's former id and epoch, 6 is for two-phase commit
 * (KIP-939), which Apache Kafka 4.1 has not finished.
 */
export const initProducerId = defineApi({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 6],
  flexibleSince: 2,
  request: struct({
    transactionalId: nullable(string),
    transactionTimeoutMs: int32,
    producerId: field(int64, { since: 3, default: -1 }),
    producerEpoch: field(int16, { since: 3, default: -1 }),
    enable2Pc: field(boolean, { since: 6, default: false }),
    keepPreparedTxn: field(boolean, { since: 6, default: false }),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    producerId: field(int64, { default: -1 }),
    producerEpoch: int16,
    ongoingTxnProducerId: field(int64, { since: 6, default: -1 }),
    ongoingTxnProducerEpoch: field(int16, { since: 6, default: -1 }),
  }),
})
