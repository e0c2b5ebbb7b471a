import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, type EmbeddedTransport, memory } from '@kafkado/broker'
import { JournalStorage } from '@kafkado/broker/disk'
import { withStorage } from '@kafkado/broker/storage'
import { http } from '@kafkado/core'
import { createHandler } from '@kafkado/server'
import { serve } from '@kafkado/server/node'
import { type MakeTransport, transportConformance } from '@kafkado/testing/conformance'
import { describe } from 'vitest'

type MakeEngine = () => Promise<{ engine: EmbeddedTransport; remove(): Promise<void> }>

const inMemory: MakeEngine = () => Promise.resolve({ engine: memory(), remove: () => Promise.resolve() })

const onDisk: MakeEngine = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-conformance-'))
  return { engine: embedded(folder), remove: () => rm(folder, { recursive: true }) }
}

const onJournal: MakeEngine = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-conformance-'))
  return { engine: withStorage(new JournalStorage(folder)), remove: () => rm(folder, { recursive: true }) }
}

const direct =
  (makeEngine: MakeEngine): MakeTransport =>
  async () => {
    const { engine, remove } = await makeEngine()
    return { transport: engine, close: () => engine.close().then(remove) }
  }

/** Through the server's handler without a socket: every byte goes through the HTTP codec all the same. */
const overHandler =
  (makeEngine: MakeEngine): MakeTransport =>
  async () => {
    const { engine, remove } = await makeEngine()
    const handler = createHandler(engine)
    const transport = http({ url: 'http://localhost', fetch: (input, init) => handler(new Request(input, init)) })
    return {
      transport,
      close: () =>
        transport
          .close()
          .then(() => engine.close())
          .then(remove),
    }
  }

/** Over a real socket. */
const overSocket =
  (makeEngine: MakeEngine): MakeTransport =>
  async () => {
    const { engine, remove } = await makeEngine()
    const server = await serve({ transport: engine, port: 0 })
    const transport = http({ url: server.url })
    const close = async (): Promise<void> => {
      await transport.close()
      await server.close()
      await engine.close()
      await remove()
    }
    return { transport, close }
  }

describe('memory', () => transportConformance(direct(inMemory)))
describe('disk', () => transportConformance(direct(onDisk)))
describe('journal', () => transportConformance(direct(onJournal)))
describe('HTTP to memory', () => transportConformance(overHandler(inMemory)))
describe('HTTP to disk', () => transportConformance(overSocket(onDisk)))
