import type { Scenario } from './scenarios.ts'

/** What the process of an application is told, as JSON in its first argument; StreamsBenchmark.java reads the same. */
export interface Job {
  readonly scenario: Scenario['name']
  readonly brokers: string
  readonly application: string
  /** Of orders. */
  readonly input: string
  /** Of customers. */
  readonly table: string
  readonly output: string
  /** Where Kafka Streams keeps its locks; the state itself is in memory, here as there. */
  readonly stateFolder: string
  readonly commitIntervalMs: number
  readonly cacheBytes: number
  readonly windowMs: number
  readonly graceMs: number
  /** What counts begins with the last of them. */
  readonly warmUpRecords: number
}

/** What a process says of itself when it is asked. */
export interface Spent {
  readonly seconds: number
  /** Of the whole process, with its compilers and collectors. */
  readonly cpuSeconds: number
  /** How many orders it was given, those of the warm-up as well. */
  readonly seen: number
}
