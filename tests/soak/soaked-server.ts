import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { createTopics, intercept, type Interceptor } from '@kafkado/core'
import { type RunningServer, serve } from '@kafkado/server/node'
import { heldByProcess, shortLived, shortRetention } from './held-by-process.ts'

/** A server over an engine in a folder, in this process, with what it holds counted. */
export class SoakedServer implements AsyncDisposable {
  readonly folder: string
  readonly #engine: EmbeddedTransport
  readonly #server: RunningServer
  readonly #waiting: { count: number }

  static async start(): Promise<SoakedServer> {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-soak-'))
    const engine = embedded(join(folder, 'server'), { ...shortLived, offsetsRetention: '1m', heartbeatInterval: 500 })
    const waiting = { count: 0 }
    const countWaiting: Interceptor = (next) => async (operation, request, options) => {
      waiting.count++
      try {
        return await next(operation, request, options)
      } finally {
        waiting.count--
      }
    }
    const server = await serve({ transport: intercept(engine, countWaiting), port: 0 })
    const soaked = new SoakedServer(folder, engine, server, waiting)
    await soaked.#makeTopics()
    return soaked
  }

  private constructor(folder: string, engine: EmbeddedTransport, server: RunningServer, waiting: { count: number }) {
    this.folder = folder
    this.#engine = engine
    this.#server = server
    this.#waiting = waiting
  }

  get url(): string {
    return this.#server.url
  }

  /** What is held when everything that can be collected has been. */
  async count(): Promise<Record<string, number>> {
    return {
      ...(await heldByProcess(join(this.folder, 'server'))),
      handles: process.getActiveResourcesInfo().length,
      'requests that wait': this.#waiting.count,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close()
    await this.#engine.close()
    await rm(this.folder, { recursive: true, force: true })
  }

  async #makeTopics(): Promise<void> {
    const compacted = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'min.cleanable.dirty.ratio', value: '0.2' },
    ]
    await this.#engine.send(createTopics, {
      timeoutMs: 1000,
      validateOnly: false,
      topics: [
        { topic: 'events', numPartitions: 3, replicationFactor: -1, configs: [shortRetention] },
        { topic: 'ledger', numPartitions: 3, replicationFactor: -1, configs: [shortRetention] },
        { topic: 'counts', numPartitions: 3, replicationFactor: -1, configs: [shortRetention] },
        { topic: 'state', numPartitions: 1, replicationFactor: -1, configs: compacted },
      ],
    })
  }
}
