import type { AnyOperation, RequestOf, ResponseOf } from '@kafkado/core'
import type { Call } from '../cluster/call.ts'
import type { Cluster } from '../cluster/cluster.ts'

/** What carries out one operation on a cluster. Named as the operation's file in core is. */
export type WireHandler<O extends AnyOperation> = (
  cluster: Cluster,
  request: RequestOf<O>,
  call: Call,
) => Promise<ResponseOf<O>>
