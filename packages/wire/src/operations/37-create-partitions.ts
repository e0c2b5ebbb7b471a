import type { createPartitions } from '@kafkado/core'
import { untilTopicsServe } from '../cluster/until-known.ts'
import { defineApi } from '../codec/api.ts'
import { array, boolean, int16, int32, nullableArray, nullableString, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** CreatePartitions (API key 37). Any broker hands it to the controller. */
export const createPartitionsApi = defineApi({
  key: 37,
  name: 'CreatePartitions',
  version: 3,
  request: struct({
    topics: array(
      struct({
        topic: string,
        count: int32,
        assignments: nullableArray(struct({ brokerIds: array(int32) })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(struct({ topic: string, errorCode: int16, errorMessage: nullableString })),
  }),
})

/** Answers when every broker knows and serves the new partitions. */
export const sendCreatePartitions: WireHandler<typeof createPartitions> = async (cluster, request, call) => {
  const topics = request.topics.map((topic) => ({ ...topic, assignments: null }))
  const response = await cluster.askAny(createPartitionsApi, { ...request, topics }, call)
  const results = response.results.map(({ topic, errorCode, errorMessage }) => ({
    topic,
    ...described(errorCode, errorMessage),
  }))
  if (!request.validateOnly) {
    const raised = results.filter(({ errorCode }) => errorCode === 0).map(({ topic }) => topic)
    const countOf = new Map(request.topics.map(({ topic, count }) => [topic, count]))
    await untilTopicsServe(
      cluster,
      call,
      raised,
      (name, { partitions }) => partitions.length >= (countOf.get(name) ?? 0),
    )
  }
  return { throttleTimeMs: response.throttleTimeMs, results }
}
