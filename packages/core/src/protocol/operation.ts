import type { Schema, ValueOf } from '../schema/schema.ts'
import type { FieldNeed } from './needs.ts'

/** An operation, whatever it may be asked and may answer. */
// The bound has to be `any`: requests are contravariant in `repeatable`, so `unknown` would exclude every operation.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyOperation = Operation<any, any>

/** One of Kafka's operations, as a value: what it is called and where HTTP serves it. */
export interface Operation<Request, Response> {
  /** Kafka's API key; −1 for what Kafka has no operation for. */
  readonly apiKey: number
  readonly name: string
  /** The path of the operation on a kafkado server, always POST. */
  readonly path: string
  /** Which of the two carries record batches, which travel as binary frames. */
  readonly records: 'request' | 'response' | 'none'
  /**
   * Who sends it again after a failure: the transport, or the sender alone. Who numbers what it sends is the only one
   * to know what an attempt without an answer may have done, and a transport that sends it again would hide that
   * attempt.
   */
  readonly resentBy: 'transport' | 'sender'
  /** Whether it may be sent again although an earlier attempt may have been carried out. */
  repeatable(request: Request): boolean
  /** How long the server may wait before it answers, in milliseconds; this comes on top of the caller's timeout. */
  longPollMs(request: Request): number
  /**
   * What the request lists, for an operation that may be asked in parts; a server limits how much one request lists.
   */
  readonly elements: RequestElements | undefined
  /** Holds the type of the answer; there is nothing at run time. */
  readonly responseType?: Response
}

/**
 * The list in a request, and the one in its answer that says how it went for each: topics, their partitions where they
 * name some, groups, …
 */
export interface RequestElements {
  readonly asked: string
  readonly answered: string
  /** Nothing is changed, so whatever becomes of one part, the others have done no harm. */
  readonly isReadOnly: boolean
  /** No partition or name takes more bytes than this. Left out where they are weighed one by one. */
  readonly mostBytesEach?: number | undefined
}

export type RequestOf<O extends AnyOperation> = O extends Operation<infer Request, unknown> ? Request : never
export type ResponseOf<O extends AnyOperation> = O extends Operation<never, infer Response> ? Response : never

type OperationDefinition<Request> = Pick<Operation<Request, unknown>, 'apiKey' | 'name' | 'path'> &
  Partial<Pick<Operation<Request, unknown>, 'records' | 'resentBy' | 'repeatable' | 'longPollMs' | 'elements'>>

/**
 * Makes an operation. Where `repeatable` is left out the operation only reads, or has the same effect when it is
 * carried out twice.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function defineOperation<Request, Response>(
  definition: OperationDefinition<Request>,
): Operation<Request, Response> {
  return {
    records: 'none',
    resentBy: 'transport',
    repeatable: () => true,
    longPollMs: () => 0,
    elements: undefined,
    ...definition,
  }
}

/** The form of an operation's request and response, and what a key needs for it. */
export interface OperationSchemas<Needs = readonly FieldNeed[]> {
  readonly request: Schema
  readonly response: Schema
  /**
   * Left out where the names in the request do not say it: then the server has a rule, or refuses the operation to
   * every key.
   */
  readonly needs?: Needs
}

/**
 * The type of the request that schemas describe. They come as a function, so that a page which does not call it drops
 * them.
 */
export type RequestIn<Schemas extends () => OperationSchemas> = ValueOf<ReturnType<Schemas>['request']>
export type ResponseIn<Schemas extends () => OperationSchemas> = ValueOf<ReturnType<Schemas>['response']>
