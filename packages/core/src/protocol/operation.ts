import type * as z from 'zod/mini'

/** Anything an operation may be asked, and anything it may answer. */
// The bound has to be `any`: requests are contravariant in `repeatable`, so `unknown` would exclude every operation.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyOperation = Operation<any, any>

/**
 * One of Kafka's operations, as a value: what it is called, where HTTP serves it, and the schemas that check what is
 * asked and answered at the edges.
 */
export interface Operation<Request, Response> {
  /** Kafka's API key; −1 for what Kafka has no operation for. */
  readonly apiKey: number
  readonly name: string
  /** The path of the operation on a kafkado server, always POST. */
  readonly path: string
  /** Which of the two carries record batches, which travel as binary frames. */
  readonly records: 'request' | 'response' | 'none'
  readonly request: z.ZodMiniType<Request>
  readonly response: z.ZodMiniType<Response>
  /** Whether it may be sent again although an earlier attempt may have been carried out. */
  repeatable(request: Request): boolean
  /** How long the server may wait before it answers, in milliseconds; this comes on top of the caller's timeout. */
  longPollMs(request: Request): number
}

export type RequestOf<O extends AnyOperation> = O extends Operation<infer Request, unknown> ? Request : never
export type ResponseOf<O extends AnyOperation> = O extends { readonly response: z.ZodMiniType<infer Response> } ? Response : never

interface OperationDefinition<Request, Response> {
  apiKey: number
  name: string
  path: string
  records?: 'request' | 'response'
  request: z.ZodMiniType<Request>
  response: z.ZodMiniType<Response>
  repeatable?: (request: Request) => boolean
  longPollMs?: (request: Request) => number
}

/**
 * Makes an operation. Where `repeatable` is left out the operation only reads, or has the same effect when it is
 * carried out twice.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function defineOperation<Request, Response>(definition: OperationDefinition<Request, Response>): Operation<Request, Response> {
  return { records: 'none', repeatable: () => true, longPollMs: () => 0, ...definition }
}
