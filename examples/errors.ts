// Every error says whether a retry may help, and whether the operation may have happened in spite of the error.
import {
  createKafkaClient,
  isKafkaError,
  KafkaError,
  MessageTooLargeError,
  TopicNotFoundError,
  withRetry,
} from 'kafkado'

const kafka = createKafkaClient('memory:')

try {
  await kafka.admin.describeTopic('nowhere')
} catch (error) {
  if (TopicNotFoundError.is(error)) console.log(error.code, error.retriable, error.outcome)
}
//> TOPIC_NOT_FOUND false failed

await kafka.admin.createTopic('small', { partitions: 1, config: { 'max.message.bytes': '200' } })
await kafka.produce('small', 'x'.repeat(1000)).catch((error: unknown) => {
  console.log(error instanceof MessageTooLargeError, KafkaError.is(error))
})
//> true true

// Kafka's own name of the error, for errors without their own class.
await kafka.admin.deleteGroup('nobody').catch((error: unknown) => {
  if (isKafkaError(error, 'GROUP_ID_NOT_FOUND')) console.log(error.kafkaName, error.kafkaCode)
})
//> GROUP_ID_NOT_FOUND 69

let attempts = 0
const flaky = withRetry(
  () => {
    if (++attempts < 3) throw new Error('not yet')
    return 'at last'
  },
  { attempts: 5, backoff: '1ms' },
)
console.log(await flaky(), attempts)
//> at last 3

await kafka.close()
