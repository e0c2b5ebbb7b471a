import type { KafkaRecord } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import type { ConsumerSession } from '../session/consumer-session.ts'
import { ParallelDispatcher } from './parallel-dispatcher.ts'
import type { DispatchSettings } from './parallel.ts'
import type { WorkerPool } from './worker-pool.ts'

/** Runs a handler for the records of a session, until that ends. */
export function dispatch<V, K>(
  session: ConsumerSession<V, K>,
  settings: DispatchSettings<V, K>,
  handle: (record: KafkaRecord<V, K>) => unknown,
): Promise<void> {
  return new ParallelDispatcher({ session, settings, handle, partitionKey }).run(settings.signal)
}

/** @throws InvalidRequestError when the module cannot be loaded, or exports no handler */
export async function startWorkers(count: number, module: URL | string): Promise<WorkerPool> {
  const pool = await import('./worker-pool.node.ts')
  return pool.startWorkers(count, module)
}
