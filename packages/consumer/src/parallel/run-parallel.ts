import { dispatch, startWorkers } from '#handlers'
import { type AnyKafkaRecord, InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import type { ConsumerSession } from '../session/consumer-session.ts'
import { type ParallelOptions, parallelSettings, type WorkerOptions } from './parallel.ts'

/** Runs handlers in this thread, or in threads that it starts and ends, until the session ends. */
export async function runParallel<V, K>(
  join: () => ConsumerSession<V, K>,
  options: ParallelOptions<V, K> | WorkerOptions<V, K>,
  handle: ((record: KafkaRecord<V, K>) => unknown) | undefined,
): Promise<void> {
  const settings = parallelSettings(options)
  const run = async (handler: (record: KafkaRecord<V, K>) => unknown): Promise<void> => {
    const session = join()
    try {
      await dispatch(session, settings, handler)
    } finally {
      await session.readerEnded()
    }
  }
  if (!('workers' in options)) {
    if (typeof handle !== 'function') throw new InvalidRequestError('parallel: give a handler, or workers and a module')
    return run(handle)
  }
  const workers = await startWorkers(options.workers, options.module)
  try {
    return await run((record) => workers.handle(record as AnyKafkaRecord))
  } finally {
    await workers.close()
  }
}
