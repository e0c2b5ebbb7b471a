import type { createTopics } from '@kafkado/core'
import { untilTopicsServe } from '../cluster/until-known.ts'
import { defineApi } from '../codec/api.ts'
import {
  array,
  boolean,
  int16,
  int32,
  int8,
  nullableArray,
  nullableString,
  string,
  struct,
  uuid,
} from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** CreateTopics (API key 19). Any broker hands it to the controller. */
export const createTopicsApi = defineApi({
  key: 19,
  name: 'CreateTopics',
  version: 7,
  request: struct({
    topics: array(
      struct({
        topic: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: array(struct({ partition: int32, brokerIds: array(int32) })),
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        topicId: uuid,
        errorCode: int16,
        errorMessage: nullableString,
        numPartitions: int32,
        replicationFactor: int16,
        configs: nullableArray(
          struct({ name: string, value: nullableString, readOnly: boolean, configSource: int8, isSensitive: boolean }),
        ),
      }),
    ),
  }),
})

/** Answers when every broker knows and serves the new topics, so that whatever is asked next finds them. */
export const sendCreateTopics: WireHandler<typeof createTopics> = async (cluster, request, call) => {
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
}
