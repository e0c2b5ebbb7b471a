import { InvalidRequestError } from '@kafkado/core'
import type { WorkerPool } from './worker-pool.ts'

/** @throws InvalidRequestError always: browsers have no worker_threads */
export function startWorkers(): Promise<WorkerPool> {
  return Promise.reject(
    new InvalidRequestError('parallel: workers need the worker_threads of Node; use { concurrency } and a handler'),
  )
}
