export { AdjustableClock, ManualClock } from '@kafkado/core/internal'
export { Faults } from './faults.ts'
export { createMockKafka, MockKafka, type MockKafkaOptions } from './mock-kafka.ts'
