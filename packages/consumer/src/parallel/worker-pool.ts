import type { AnyKafkaRecord } from '@kafkado/core'
import type { ThrownMessage } from '@kafkado/core/internal'

/** Threads that run the handler of a module. */
export interface WorkerPool {
  /** Resolves when the handler has; rejects with its error, or when the thread has ended. */
  handle(record: AnyKafkaRecord): Promise<void>
  close(): Promise<void>
}

/** A record on its way to a thread, in a batch of its own, which keeps its offset. */
export interface WorkerTask {
  readonly id: number
  readonly topic: string
  readonly partition: number
  readonly batch: Uint8Array
}

/** A message from a thread: first, without an `id`, whether the module is loaded; then the result of each record. */
export interface WorkerAnswer {
  readonly id?: number
  readonly error?: ThrownMessage
}
