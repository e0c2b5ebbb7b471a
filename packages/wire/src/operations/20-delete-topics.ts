import { codeOf, deleteTopics } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import { untilTopicsAreKnown } from '../cluster/until-known.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** DeleteTopics (API key 20). Any broker forwards it to the controller. */
export const deleteTopicsApi = messages.deleteTopics.at(6)

const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')

/** Answers once no broker knows the topics any more. */
export const deleteTopicsHandler = handles(deleteTopics, async (cluster, { topics: names, timeoutMs }, call) => {
  const request = { topics: names.map((name) => ({ name, topicId: null })), timeoutMs }
  const response = await cluster.askAny(deleteTopicsApi, request, call)
  const topics = response.topics.map(({ topic, topicId, errorCode, errorMessage }) => ({
    topic: topic ?? '',
    topicId,
    ...described(errorCode, errorMessage),
  }))
  const gone = new Map(topics.filter(({ errorCode }) => errorCode === 0).map(({ topic, topicId }) => [topic, topicId]))
  await untilTopicsAreKnown(
    cluster,
    call,
    [...gone.keys()],
    (name, { errorCode, topicId }) => errorCode === unknownTopic || topicId !== gone.get(name),
  )
  return { throttleTimeMs: response.throttleTimeMs, topics }
})
