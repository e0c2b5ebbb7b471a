import type { Operator } from '../streams-oracle/case.ts'

/** A record that goes in; `topic` is left or right where there are two. */
export interface VectorInput {
  readonly topic?: string
  readonly key: string | null
  readonly value: string | null
  readonly ts: number
  /** The content of a header. */
  readonly header?: string
}

/** The clock goes on. */
export interface VectorAdvance {
  readonly advance: number
}

export interface WindowKey {
  readonly key: string
  readonly start: number
  readonly end: number
}

/** A record that is to come out. */
export interface VectorOutput {
  /** The index of the input that caused it. */
  readonly step: number
  readonly key: string | WindowKey | null
  readonly value: unknown
  readonly ts: number
  /** The content of its header, where Kafka Streams gives it one. */
  readonly header?: string
  /** The topic, unless it is `output`. */
  readonly out?: string
}

export interface VectorWindow {
  readonly type: 'tumbling' | 'hopping' | 'sliding' | 'session' | 'unlimited'
  readonly size?: number
  readonly advance?: number
  readonly timeDifference?: number
  readonly gap?: number
  readonly grace?: number
  readonly start?: number
}

export interface VectorParams {
  readonly window?: VectorWindow
  readonly agg?: 'concat' | 'reduce' | 'count'
  readonly emit?: 'onUpdate' | 'onWindowClose'
  readonly suppress?: 'untilWindowCloses' | { readonly timeLimit?: number; readonly maxRecords?: number }
  readonly groupBy?: 'value' | 'identity'
  readonly kind?: 'inner' | 'left' | 'outer'
  readonly timeDifference?: number
  readonly before?: number
  readonly after?: number
  readonly grace?: number
  readonly self?: boolean
  readonly type?: 'streamTime' | 'wallClock'
  readonly intervalMs?: number
  readonly rekey?: boolean
  readonly explicit?: boolean
  readonly table?: boolean
  readonly from?: string
  readonly named?: boolean
  readonly filter?: boolean
  readonly retention?: number
  readonly windowSize?: number
  readonly uses?: readonly string[]
  /** A whole topology, as tests/streams-oracle has them. */
  readonly operators?: readonly Operator[]
  /** How many bytes of updates are held back until each record is processed. */
  readonly cache?: number
}

/** What Kafka Streams made of an input, or what it should have made. */
export interface Vector {
  readonly name: string
  readonly kind: 'must' | 'kafka-quirk' | 'must-for-interop' | 'reference'
  readonly operation: string
  readonly params: VectorParams
  readonly inputs: readonly unknown[]
  readonly expected: readonly unknown[]
  readonly recommended?: readonly unknown[]
  readonly expectedDroppedRecords?: number
  readonly note?: string
  /** Present where the order within a step does not matter. */
  readonly order?: string
}

export interface VectorFile {
  readonly vectors: readonly Vector[]
}
