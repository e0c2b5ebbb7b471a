export { AdjustableClock, ManualClock } from '@kafkado/core'
export { type FaultRates, Faults } from './faults.ts'
export { createMockKafka, MockKafka, type MockKafkaOptions } from './mock-kafka.ts'
export { type OperationName } from './operation-name.ts'
