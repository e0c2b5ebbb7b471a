import { InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import { loadPart, partitionKey } from '@kafkado/core/internal'
import type { ConsumerSession } from '../session/consumer-session.ts'
import type { DispatchSettings } from './parallel.ts'
import type { WorkerPool } from './worker-pool.ts'

/**
 * As in Node. A page loads what dispatches with the first call of `parallel`, while records are fetched. That is handed
 * what it needs: an import of what a page has loaded already would make bundlers cut the page into more files.
 *
 * @throws DisconnectedError when it cannot be loaded: retriable, and no record was handled
 */
export async function dispatch<V, K>(
  session: ConsumerSession<V, K>,
  settings: DispatchSettings<V, K>,
  handle: (record: KafkaRecord<V, K>) => unknown,
): Promise<void> {
  const { ParallelDispatcher } = await loadPart('parallel()', () => import('./parallel-dispatcher.ts'))
  return new ParallelDispatcher({ session, settings, handle, partitionKey }).run(settings.signal)
}

/** @throws InvalidRequestError always: there are no worker_threads here */
export function startWorkers(_count: number, _module: URL | string): Promise<WorkerPool> {
  return Promise.reject(
    new InvalidRequestError('parallel: workers need the worker_threads of Node; use { concurrency } and a handler'),
  )
}
