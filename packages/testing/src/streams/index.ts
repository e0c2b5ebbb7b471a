export type { DriverRecord, PipedRecord } from './driver-records.ts'
export { TopologyTestDriver, type TopologyTestDriverOptions } from './topology-test-driver.ts'
export { type TraceStep } from './trace.ts'
