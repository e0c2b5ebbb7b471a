import { codeOf, type deleteTopics } from '@kafkado/core'
import { untilTopicsAreKnown } from '../cluster/until-known.ts'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, nullableString, struct, uuid } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** DeleteTopics (API key 20). Any broker hands it to the controller. */
export const deleteTopicsApi = defineApi({
  key: 20,
  name: 'DeleteTopics',
  version: 6,
  request: struct({ topics: array(struct({ name: nullableString, topicId: uuid })), timeoutMs: int32 }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(struct({ topic: nullableString, topicId: uuid, errorCode: int16, errorMessage: nullableString })),
  }),
})

const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')

/** Answers when no broker knows the topics any more. */
export const sendDeleteTopics: WireHandler<typeof deleteTopics> = async (
  cluster,
  { topics: names, timeoutMs },
  call,
) => {
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
}
