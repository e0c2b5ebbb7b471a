import { createPartitions } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import { untilTopicsServe } from '../cluster/until-known.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** CreatePartitions (API key 37). Any broker forwards it to the controller. */
export const createPartitionsApi = messages.createPartitions.at(3)

/** Answers once every broker knows and serves the new partitions. */
export const createPartitionsHandler = handles(createPartitions, async (cluster, request, call) => {
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
})
