/**
 * What the promise comes to, unless the signal aborts before; whatever the promise comes to then is of no interest.
 *
 * @throws the signal's reason
 */
export function unlessAborted<T>(signal: AbortSignal, waited: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    const over = (): void => signal.removeEventListener('abort', onAbort)
    waited.then(
      (value) => {
        over()
        resolve(value)
      },
      (error: Error) => {
        over()
        reject(error)
      },
    )
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
