import type { AnyKafkaRecord } from '@kafkado/core'

/** Threads that run the handler of a module. */
export interface WorkerPool {
  /** Resolves when the handler has; rejects with its error, or when the thread ended. */
  handle(record: AnyKafkaRecord): Promise<void>
  close(): Promise<void>
}

/** A record on its way to a thread, as a batch of its own, which says its offset. */
export interface WorkerTask {
  readonly id: number
  readonly topic: string
  readonly partition: number
  readonly batch: Uint8Array
}

/** What a thread says: first, without an `id`, whether the module is loaded; then what became of each record. */
export interface WorkerAnswer {
  readonly id?: number
  readonly error?: WorkerError
}

/** An error as it passes between threads, where classes do not. */
export interface WorkerError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Of a KafkaError. */
  readonly kafka?: {
    readonly code: string
    readonly kafkaCode: number | undefined
    readonly retriable: boolean
    readonly outcome: 'failed' | 'unknown'
  }
}
