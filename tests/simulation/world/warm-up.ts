import { createTopic } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import { consumerGroupHeartbeat, type Fetch, http, metadata } from '@kafkado/core'
import { createHandler } from '@kafkado/server'
import { createStreamsBuilder } from '@kafkado/streams'

let warm: Promise<void> | undefined

/**
 * What is only loaded when it is first needed is loaded here: it would take its time while that of a world stands still
 * or flies.
 */
export function warmUp(): Promise<void> {
  warm ??= load()
  return warm
}

async function load(): Promise<void> {
  const engine = memory()
  await createTopic(engine, 'nothing', { partitions: 1 })
  const s = createStreamsBuilder(engine, { application: 'warm-up', guarantee: 'exactly-once' })
  s.stream('nothing').groupByKey().count({ name: 'counts' }).toStream().to('nowhere')
  await (await s.start()).close()
  const handle = createHandler(engine, { limits: { maxPartitions: 1 } })
  const fetch: Fetch = (url, init) => handle(new Request(url as string, init as RequestInit))
  await http({ url: 'http://kafkado.test', fetch }).send(metadata, {
    topics: ['a', 'b'],
    allowAutoTopicCreation: false,
  })
  await engine.send(consumerGroupHeartbeat, {
    groupId: 'by pattern',
    memberId: 'warm-up',
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 1000,
    subscribedTopicNames: null,
    subscribedTopicRegex: 'no.*',
    serverAssignor: null,
    topicPartitions: [],
  })
  await engine.close()
}
