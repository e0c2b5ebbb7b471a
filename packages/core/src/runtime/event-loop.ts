import { MessageChannel, setImmediate } from './platform-timers.ts'

/** Lets every other waiting task run, including timers and sockets. For long work that never waits by itself. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate) setImmediate(resolve)
    else {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(undefined)
    }
  })
}
