export { transportConformance } from './transport-conformance.ts'
export { type MakeTransport, type TransportUnderTest } from './transport/harness.ts'
