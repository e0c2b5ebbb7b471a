/** A topology as data, for Kafka Streams and for us to build: each operator names the ones before it by their index. */
export type Operator =
  | { readonly op: 'stream' | 'globalTable'; readonly topic: string }
  | { readonly op: 'table'; readonly topic: string; readonly name?: string; readonly isVersioned?: true }
  | { readonly op: 'filter'; readonly from: number; readonly predicate: Predicate; readonly isNot?: true }
  | { readonly op: 'mapValues'; readonly from: number; readonly map: Mapper }
  | { readonly op: 'map'; readonly from: number; readonly key: Selector; readonly map: Mapper }
  | { readonly op: 'flatMap' | 'selectKey'; readonly from: number; readonly key: Selector }
  | { readonly op: 'peek' | 'flatMapValues' | 'toStream' | 'groupByKey' | 'repartition'; readonly from: number }
  | { readonly op: 'merge'; readonly from: number; readonly other: number }
  | { readonly op: 'split'; readonly from: number; readonly predicates: readonly Predicate[] }
  | { readonly op: 'branch'; readonly from: number; readonly index: number }
  | { readonly op: 'groupBy'; readonly from: number; readonly key: Selector }
  | ({ readonly op: 'aggregate'; readonly from: number; readonly by: 'count' | 'reduce' | 'aggregate' } & Aggregated)
  | ({ readonly op: 'cogroup'; readonly from: number; readonly other: number } & Aggregated)
  | ({ readonly op: 'join'; readonly from: number; readonly other: number; readonly kind: JoinKind } & JoinChoice)
  | { readonly op: 'suppress'; readonly from: number; readonly timeLimit?: number; readonly maxRecords?: number }
  | { readonly op: 'untilWindowCloses'; readonly from: number }
  | { readonly op: 'toTable'; readonly from: number; readonly name?: string }
  | ({ readonly op: 'process'; readonly from: number; readonly does: Process } & Scheduled)
  | { readonly op: 'to'; readonly from: number; readonly topic: string }

export type JoinKind = 'inner' | 'left' | 'outer'

interface Aggregated {
  readonly add: Adder
  readonly window?: CaseWindow
  readonly emit?: 'updates' | 'final'
}

/**
 * `before`, `after` and `grace` of streams, `grace` alone of a stream with a versioned table; `key` of a global table,
 * or where tables are joined by a foreign key, which is made of the key of a row as well where that `isOfKey`.
 */
interface JoinChoice {
  readonly before?: number
  readonly after?: number
  readonly grace?: number
  readonly key?: Selector
  readonly isOfKey?: true
}

/** How often a processor that holds records hands them on. */
interface Scheduled {
  /** What is added to the time of what is handed on. */
  readonly shift: number
  readonly every?: number
  readonly by?: 'stream-time' | 'wall-clock'
}

export type CaseWindow =
  | { readonly type: 'tumbling'; readonly size: number; readonly grace: number }
  | { readonly type: 'hopping'; readonly size: number; readonly advance: number; readonly grace: number }
  | { readonly type: 'sliding'; readonly size: number; readonly grace: number }
  | { readonly type: 'session'; readonly size: number; readonly grace: number }

/** What the functions of operators do; see functions.ts and its twin in Java. */
export type Predicate = 'even' | 'third' | 'evenKey' | 'present'
export type Mapper = 'mark' | 'shorten' | 'some' | 'keyed' | 'same'
export type Selector = 'value' | 'initial' | 'hash' | 'sometimes' | 'same' | 'prefixed' | 'digit'
export type Adder = 'concat' | 'dropping' | 'last'
export type Process = 'count' | 'twice' | 'hold'

/** A record that goes in, or time of the clock that passes. */
export type CaseInput =
  | {
      readonly topic: string
      readonly key: string | null
      readonly value: string | null
      readonly ts: number
      /** The content of a header. */
      readonly header?: string
    }
  | { readonly advance: number }

export interface Case {
  readonly seed: number
  readonly operators: readonly Operator[]
  readonly inputs: readonly CaseInput[]
}

/** A record that came out. */
export interface CaseOutput {
  /** The index of the input that caused it. */
  readonly step: number
  readonly out: string
  readonly key: string | null | { readonly key: string; readonly start: number; readonly end: number }
  readonly value: string | number | null
  readonly ts: number
  readonly header?: string
}

/** What became of a case: what came out, or why it did not run. */
export type Outcome = { readonly outputs: readonly CaseOutput[] } | { readonly error: string }
