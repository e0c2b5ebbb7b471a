/**
 * Settles as the promise does, or rejects with the signal's reason as soon as it aborts. For waits that have to end,
 * whatever the promise does.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    const done = (): void => signal.removeEventListener('abort', onAbort)
    void promise.then(resolve, reject).finally(done)
  })
}
