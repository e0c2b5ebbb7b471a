import { offsetCommit } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { commitOffsets } from './commit-offsets.ts'
import { handles } from './handler.ts'

/**
 * OffsetCommit (API key 8) in the version for groups whose members have epochs (KIP-848). It still uses topic names.
 */
export const offsetCommitApi = messages.offsetCommit.at(9)

export const offsetCommitHandler = handles(offsetCommit, (cluster, request, call) =>
  commitOffsets(cluster, request, call, (nodeId, topics, options) =>
    cluster.ask(nodeId, offsetCommitApi, { ...request, topics }, call, options),
  ),
)
