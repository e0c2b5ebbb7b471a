import * as schema from '../schema/schema.ts'
import { committedOffsets, groupId, int32, partitionResults, throttleTimeMs, transactionalProducer } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const txnOffsetCommitSchemas = () => ({
  request: schema.object({
    ...transactionalProducer(),
    groupId: groupId(),
    /** '' and −1 from a caller outside the group; its membership is then not checked. */
    memberId: schema.string(),
    generationId: int32(),
    groupInstanceId: schema.nullable(schema.string()),
    topics: committedOffsets(),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: partitionResults(),
  }),
  needs: [
    ['write', 'transactionalId', 'transactionalId'],
    ['read', 'group', 'groupId'],
    ['read', 'topic', 'topics'],
  ] as const,
})

/**
 * TxnOffsetCommit (API key 28): adds a group's offsets to a producer's transaction, and enrols the group in it. The
 * offsets take effect when the transaction commits, and never if it aborts.
 */
export const txnOffsetCommit = /* @__PURE__ */ defineOperation<TxnOffsetCommitRequest, TxnOffsetCommitResponse>({
  apiKey: 28,
  name: 'txnOffsetCommit',
  path: '/v1/transactions/commit-offsets',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
})

export type TxnOffsetCommitRequest = RequestIn<typeof txnOffsetCommitSchemas>
export type TxnOffsetCommitResponse = ResponseIn<typeof txnOffsetCommitSchemas>
