import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { createTopics } from '@kafkado/core'
import { apiKeys } from '@kafkado/server'
import { type RunningServer, serve } from '@kafkado/server/node'
import { heldByProcess, shortLived, shortRetention } from '../../soak/held-by-process.ts'
import { mine, pepper, storedKeys, theirs } from '../negatives/place/keys.ts'

const engineOptions = {
  ...shortLived,
  offsetsRetention: '20s',
  maxTopics: 50,
  maxPartitionsInAll: 100,
  maxGroups: 200,
  maxGroupMembers: 20,
} as const
const mebibyte = 1024 * 1024
const limits = {
  maxBytesInFlight: 64 * mebibyte,
  maxBytesInFlightPerKey: 24 * mebibyte,
  maxBytesPerConnection: 16 * mebibyte,
  maxHeartbeatBytes: 8 * mebibyte,
  maxResponseBytes: 8 * mebibyte,
  maxLongPollsPerKey: 20,
}

/** A server over an engine in a folder, in this process, with a key for an attacker and one for a neighbour. */
export class HostileServer implements AsyncDisposable {
  readonly attacker: string = mine.secret
  readonly neighbour: string = theirs.secret
  /** What the server calls a fault of its own. */
  readonly faults: string[] = []
  readonly #folder: string
  readonly #engine: EmbeddedTransport
  #server: RunningServer | undefined

  static async start(): Promise<HostileServer> {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-hostile-'))
    const hostile = new HostileServer(folder, embedded(join(folder, 'server'), engineOptions))
    await hostile.#begin()
    return hostile
  }

  private constructor(folder: string, engine: EmbeddedTransport) {
    this.#folder = folder
    this.#engine = engine
  }

  get url(): string {
    return this.#server?.url ?? ''
  }

  get port(): number {
    return this.#server?.port ?? 0
  }

  /** What is held when everything that can be collected has been. */
  async count(): Promise<Record<string, number>> {
    return {
      ...(await heldByProcess(this.#folder)),
      sockets: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close()
    await this.#engine.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #begin(): Promise<void> {
    const configs = [shortRetention]
    await this.#engine.send(createTopics, {
      timeoutMs: 1000,
      validateOnly: false,
      topics: ['mine', 'theirs'].map((topic) => ({ topic, numPartitions: 1, replicationFactor: -1, configs })),
    })
    this.#server = await serve({
      transport: this.#engine,
      port: 0,
      keys: apiKeys({ pepper, keys: storedKeys }),
      limits,
      audit: () => undefined,
      log: ({ level, message, error }) => {
        if (level === 'error') this.faults.push(`${message}: ${String(error)}`)
      },
    })
  }
}
