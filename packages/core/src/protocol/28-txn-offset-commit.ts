import * as schema from '../schema/schema.ts'
import { committedOffsets, groupId, int32, partitionResults, throttleTimeMs, transactionalProducer } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const txnOffsetCommitSchemas = () => ({
  request: schema.object({
    ...transactionalProducer(),
    groupId: groupId(),
    /** '' and −1 for who is no member; then no membership is checked. */
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
 * TxnOffsetCommit (API key 28): commits a group's offsets as a part of a producer's transaction, and enrols the group
 * in it. They are in force when the transaction is committed, and never when it is aborted.
 */
export const txnOffsetCommit = /* @__PURE__ */ defineOperation<TxnOffsetCommitRequest, TxnOffsetCommitResponse>({
  apiKey: 28,
  name: 'txnOffsetCommit',
  path: '/v1/transactions/commit-offsets',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
})

export type TxnOffsetCommitRequest = RequestIn<typeof txnOffsetCommitSchemas>
export type TxnOffsetCommitResponse = ResponseIn<typeof txnOffsetCommitSchemas>
