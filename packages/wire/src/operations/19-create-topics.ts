import { createTopics } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import { untilTopicsServe } from '../cluster/until-known.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** CreateTopics (API key 19). Any broker forwards it to the controller. */
export const createTopicsApi = messages.createTopics.at(7)

/** Answers once every broker knows and serves the new topics, so that later requests find them. */
export const createTopicsHandler = handles(createTopics, async (cluster, request, call) => {
  const topics = request.topics.map((topic) => ({ ...topic, assignments: [] }))
  const response = await cluster.askAny(createTopicsApi, { ...request, topics }, call)
  const answers = response.topics.map(
    ({ topic, topicId, errorCode, errorMessage, numPartitions, replicationFactor }) => ({
      topic,
      topicId,
      ...described(errorCode, errorMessage),
      numPartitions,
      replicationFactor,
    }),
  )
  if (!request.validateOnly) {
    const made = new Map(answers.filter(({ errorCode }) => errorCode === 0).map((topic) => [topic.topic, topic]))
    await untilTopicsServe(cluster, call, [...made.keys()], (name, { topicId }) => made.get(name)?.topicId === topicId)
  }
  return { throttleTimeMs: response.throttleTimeMs, topics: answers }
})
