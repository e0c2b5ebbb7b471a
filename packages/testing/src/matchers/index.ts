export { type ExpectedCommit } from './committed.ts'
export { type ExpectedMessage } from './expected-message.ts'
export { type KafkaMatchers, kafkaMatchers } from './kafka-matchers.ts'
export { type MatcherContext, type MatcherResult } from './matcher-context.ts'
