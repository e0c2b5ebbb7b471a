import { txnOffsetCommit } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { commitOffsets } from './commit-offsets.ts'
import { handles } from './handler.ts'

/** TxnOffsetCommit (API key 28) in the version that enrols the group in the transaction by itself (KIP-890). */
export const txnOffsetCommitApi = messages.txnOffsetCommit.at(5)

/** The group's coordinator stores the offsets, and enrols itself with the transaction's coordinator. */
export const txnOffsetCommitHandler = handles(txnOffsetCommit, (cluster, request, call) =>
  commitOffsets(cluster, request, call, (nodeId, topics, options) =>
    cluster.ask(nodeId, txnOffsetCommitApi, { ...request, topics }, call, options),
  ),
)
