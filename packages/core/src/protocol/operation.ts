import type { Schema, ValueOf } from '../schema/schema.ts'
import type { FieldNeed } from './needs.ts'

/** Any operation, whatever its request and response. */
// The bound has to be `any`: requests are contravariant in `repeatable`, so `unknown` would exclude every operation.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyOperation = Operation<any, any>

/** One of Kafka's operations as a value: its name, and its place on an HTTP server. */
export interface Operation<Request, Response> {
  /** Kafka's API key; −1 for kafkado's own operations. */
  readonly apiKey: number
  readonly name: string
  /** The path of the operation on a kafkado server, always POST. */
  readonly path: string
  /** Whether the request or the response carries record batches, which travel as binary frames. */
  readonly records: 'request' | 'response' | 'none'
  /**
   * Who may retry it: the transport, or only the sender. A sender that numbers its requests is the only one to know
   * what an unanswered attempt may have done; a retry by the transport would hide that attempt.
   */
  readonly resentBy: 'transport' | 'sender'
  /** Whether it may be sent again although an earlier attempt may have been carried out. */
  repeatable(request: Request): boolean
  /** How long the server may wait before it answers, in milliseconds, in addition to the caller's timeout. */
  longPollMs(request: Request): number
  /**
   * The lists in the request, for an operation that may be sent in parts; a server limits the length of one request.
   */
  readonly elements: RequestElements | undefined
  /** Carries the type of the answer; absent at run time. */
  readonly responseType?: Response
}

/** The list in a request, and the list of results in its answer: topics, perhaps with partitions, groups, … */
export interface RequestElements {
  readonly asked: string
  readonly answered: string
  /** The operation changes nothing, so a failed part makes the others harmless. */
  readonly isReadOnly: boolean
  /** The most bytes of one partition or name. Without it, each is weighed. */
  readonly mostBytesEach?: number | undefined
}

export type RequestOf<O extends AnyOperation> = O extends Operation<infer Request, unknown> ? Request : never
export type ResponseOf<O extends AnyOperation> = O extends Operation<never, infer Response> ? Response : never

type OperationDefinition<Request> = Pick<Operation<Request, unknown>, 'apiKey' | 'name' | 'path'> &
  Partial<Pick<Operation<Request, unknown>, 'records' | 'resentBy' | 'repeatable' | 'longPollMs' | 'elements'>>

/**
 * Makes an operation. Without `repeatable`, the operation only reads, or has the same effect when carried out twice.
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

/** The form of an operation's request and response, and the permissions it needs. */
export interface OperationSchemas<Needs = readonly FieldNeed[]> {
  readonly request: Schema
  readonly response: Schema
  /**
   * Left out if the names in the request do not determine them: then the server has its own rule, or refuses every key.
   */
  readonly needs?: Needs
}

/**
 * The type of the request that the schemas describe. Schemas are a function, so that bundlers drop them from a page
 * that does not call it.
 */
export type RequestIn<Schemas extends () => OperationSchemas> = ValueOf<ReturnType<Schemas>['request']>
export type ResponseIn<Schemas extends () => OperationSchemas> = ValueOf<ReturnType<Schemas>['response']>
