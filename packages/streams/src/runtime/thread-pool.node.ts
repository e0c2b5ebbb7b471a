import type { ThreadPool, ThreadPoolParts } from './thread-pool.ts'

export function startThreads(_parts: ThreadPoolParts): Promise<ThreadPool> {
  return Promise.reject(new Error('soon'))
}
