import type { Transport } from '@kafkado/core'

/** For topologies that only a test driver runs. */
export const noTransport: Transport = {
  send: () => Promise.reject(new Error('a test driver sends nothing')),
  close: () => Promise.resolve(),
}
