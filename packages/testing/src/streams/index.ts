export type { DriverRecord, PipedRecord, TopologyTestDriverOptions } from './driver-records.ts'
export { TopologyTestDriver } from './topology-test-driver.ts'
export { type TraceStep } from './trace.ts'
