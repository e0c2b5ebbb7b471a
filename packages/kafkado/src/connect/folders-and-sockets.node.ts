import type { Runtime, Transport } from '@kafkado/core'
import type { WireOptions } from '@kafkado/wire'
import { LazyTransport } from './lazy-transport.ts'

// Opens transports that need folders or sockets. A page has neither: there folders-and-sockets.browser.ts replaces this
// file.

export function openFolder(folder: string, runtime: Runtime | undefined): Transport {
  return new LazyTransport(async () => (await import('@kafkado/broker')).embedded(folder, { runtime }))
}

export function openBrokers(options: WireOptions): Transport {
  return new LazyTransport(async () => (await import('./kafka-environment.ts')).openCluster(options))
}
