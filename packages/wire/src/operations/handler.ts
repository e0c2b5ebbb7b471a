import type { AnyOperation, RequestOf, ResponseOf } from '@kafkado/core'
import type { Call } from '../cluster/call.ts'
import type { Cluster } from '../cluster/cluster.ts'

/** Carries out one operation on a cluster. */
export type WireHandler<O extends AnyOperation> = (
  cluster: Cluster,
  request: RequestOf<O>,
  call: Call,
) => Promise<ResponseOf<O>>

/** An operation with its handler, for the list in every-handler.ts. */
export interface HandledOperation {
  readonly operation: AnyOperation
  readonly handler: WireHandler<AnyOperation>
}

export function handles<O extends AnyOperation>(operation: O, handler: WireHandler<O>): HandledOperation {
  return { operation, handler: handler as WireHandler<AnyOperation> }
}
