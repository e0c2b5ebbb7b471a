import type { ReadMeter } from './read-meter.ts'

export interface ProducerSettings {
  readonly brokers: string
  readonly topic: string
  /** Whether the client numbers its batches, so that one which is sent twice is kept once. */
  readonly idempotent: boolean
  /** How long a batch waits for more records, in clients that can wait. */
  readonly lingerMs: number
}

/** A producer that is connected. Acknowledged means by all in-sync replicas. */
export interface OpenProducer {
  /** One call of the client with the records from `start` up to `end`; resolves when they are acknowledged. */
  readonly sendMany?: (start: number, end: number) => Promise<unknown>
  /** Sends the records up to `count` one by one without waiting for each; resolves when they are acknowledged. */
  readonly sendSingly?: (count: number) => Promise<unknown>
  close(): Promise<unknown>
}

export interface ConsumerSettings {
  readonly brokers: string
  readonly topic: string
  readonly group: string
  /** What becomes of a value: it is looked at as bytes, or parsed. */
  readonly as: 'bytes' | 'json'
}

/** A client that is measured, in the fastest way that its documentation shows. */
export interface KafkaSubject {
  /** What is called, for whoever reads the results. */
  readonly how: string
  /**
   * How many calls of many records are under way at once: where the client was fastest, of 1 to 100. Undefined without
   * such calls. KAFKADO_BENCH_CALLS tries another number for all.
   */
  readonly callsInFlight: number | undefined
  openProducer(settings: ProducerSettings): Promise<OpenProducer>
  /** Hands the records of the topic to the meter, from the beginning, until the meter has enough. */
  consume(settings: ConsumerSettings, meter: ReadMeter): Promise<unknown>
}
