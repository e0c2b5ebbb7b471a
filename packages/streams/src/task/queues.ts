import type { KafkaRecord } from '@kafkado/core'
import type { CompiledTask } from '../graph/compile.ts'
import { RecordQueue } from './record-queue.ts'
import { SourceReadings } from './source-readings.ts'

/** Where the records of a task's topics wait, and what those are that are read in several ways. */
export interface Queues {
  readonly queues: readonly RecordQueue[]
  readonly readings: ReadonlyMap<string, SourceReadings>
}

/** @param onSkipped called for a record that is left out for its time */
export function queuesOf(inputs: CompiledTask, onSkipped: () => void): Queues {
  const readings = new Map<string, SourceReadings>()
  const queues = [...inputs].map(([topic, own]) => {
    const sources = own.map(({ source }) => source).filter((source) => source.kind === 'source')
    const [first, second] = sources
    if (second) {
      const all = new SourceReadings(sources)
      readings.set(topic, all)
      return new RecordQueue(topic, (record) => all.timeOf(record), 'fail', onSkipped)
    }
    const timestampOf = first?.timestampOf
    const timeOf =
      timestampOf && ((record: KafkaRecord<unknown, unknown>) => timestampOf(record.value, record.key, record))
    return new RecordQueue(topic, timeOf, first?.invalidTimestamp ?? 'fail', onSkipped)
  })
  return { queues, readings }
}
