import type { Operator } from '../streams-oracle/case.ts'

/** A record that goes in; `topic` is left or right where there are two. */
export interface VectorInput {
  readonly topic?: string
  readonly key: string | null
  readonly value: string | null
  readonly ts: number
  /** The content of a header. */
  readonly header?: string
  /** Headers by their names. */
  readonly headers?: Readonly<Record<string, string>>
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
  /** All of its headers, where the vector is about them. */
  readonly headers?: Readonly<Record<string, string>>
  /** The topic, unless it is `output`. */
  readonly out?: string
}

/** The application ends with an error while it is given this input; what the input caused before is not compared. */
export interface VectorEnd {
  readonly step: number
  /** What failed, or BUFFER_FULL. */
  readonly code: string
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
  /** What a full suppression may do, and how many records make it full. */
  readonly whenFull?: 'emit-early' | 'shut-down'
  readonly maxRecords?: number
  readonly timeLimit?: number
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
  /** What happens to records that fail; where nothing is said, the application ends. */
  readonly onError?: Readonly<Partial<Record<'deserialization' | 'processing' | 'production', 'skip'>>>
  /** Which part of a topology can fail, or stands behind another. */
  readonly at?: string
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
  readonly expectedEnd?: VectorEnd
  /** What the stores of that name hold in the end, by key. */
  readonly expectedStores?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly note?: string
  /** Present where the order within a step does not matter; with `of each topic`, that among topics alone. */
  readonly order?: string
}

export interface VectorFile {
  readonly vectors: readonly Vector[]
}
