export {
  type DriverRecord,
  type PipedRecord,
  TopologyTestDriver,
  type TopologyTestDriverOptions,
} from './topology-test-driver.ts'
export { type TraceStep } from './trace.ts'
