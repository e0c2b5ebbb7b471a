import { transportConformance } from '@kafkado/testing/conformance'
import { describe } from 'vitest'
import { wire } from '../../packages/wire/src/index.ts'

const run = `run-${process.pid}-${Math.floor(performance.timeOrigin)}`
describe('Apache Kafka', () => {
  transportConformance(() => {
    const transport = wire(process.env['KAFKA_BROKERS'] ?? '127.0.0.1:19092')
    return Promise.resolve({ transport, close: () => transport.close() })
  }, { run, isEventual: true })
})
