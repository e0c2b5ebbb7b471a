import { MessageChannel, setImmediate } from './platform-timers.ts'

/**
 * Lets everything else that waits have its turn, timers and sockets included. For work that goes on for long without
 * waiting for anything.
 */
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
