import type * as z from 'zod/mini'

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
   * Who sends it again after a failure: the transport, or the sender alone. Who numbers what it sends is the only one to know what an attempt
   * without an answer may have done, and a transport that sends it again would hide that attempt.
   */
  readonly resentBy: 'transport' | 'sender'
  /** Whether it may be sent again although an earlier attempt may have been carried out. */
  repeatable(request: Request): boolean
  /** How long the server may wait before it answers, in milliseconds; this comes on top of the caller's timeout. */
  longPollMs(request: Request): number
  /** Holds the type of the answer; there is nothing at run time. */
  readonly responseType?: Response
}

export type RequestOf<O extends AnyOperation> = O extends Operation<infer Request, unknown> ? Request : never
export type ResponseOf<O extends AnyOperation> = O extends Operation<never, infer Response> ? Response : never

type OperationDefinition<Request> = Pick<Operation<Request, unknown>, 'apiKey' | 'name' | 'path'> &
  Partial<Pick<Operation<Request, unknown>, 'records' | 'resentBy' | 'repeatable' | 'longPollMs'>>

/**
 * Makes an operation. Where `repeatable` is left out the operation only reads, or has the same effect when it is
 * carried out twice.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function defineOperation<Request, Response>(
  definition: OperationDefinition<Request>,
): Operation<Request, Response> {
  return { records: 'none', resentBy: 'transport', repeatable: () => true, longPollMs: () => 0, ...definition }
}

/** The form of an operation's request and response. */
export interface OperationSchemas {
  readonly request: z.ZodMiniType
  readonly response: z.ZodMiniType
}

/** The type of the request that schemas describe. They come as a function, so that a page which does not call it drops them. */
export type RequestIn<Schemas extends () => OperationSchemas> = z.infer<ReturnType<Schemas>['request']>
export type ResponseIn<Schemas extends () => OperationSchemas> = z.infer<ReturnType<Schemas>['response']>
