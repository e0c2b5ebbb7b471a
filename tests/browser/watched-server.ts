import { EventEmitter, once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import { createConsumer } from '@kafkado/consumer'
import {
  type AnyOperation,
  consumerGroupHeartbeat,
  createTopics,
  intercept,
  type Interceptor,
  produce,
} from '@kafkado/core'
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from '@kafkado/core/protocol'
import { createKey, createPepper, type Scope } from '@kafkado/server'
import { serve } from '@kafkado/server/node'

/** A heartbeat as it came, with the partitions that it was answered. */
export interface Heartbeat {
  readonly memberId: string
  readonly epoch: number
  readonly given: readonly number[] | undefined
  /** As of a member that the group does not know. */
  readonly isRefused: boolean
}

type HeartbeatAnswer = Promise<ConsumerGroupHeartbeatResponse>

/** A server with API keys whose group members never lose their place by silence. */
export interface WatchedServer {
  readonly url: string
  readonly key: string
  /** In the order in which they came. */
  readonly heartbeats: readonly Heartbeat[]
  /** Resolves as soon as they are so. */
  until(areSo: (heartbeats: readonly Heartbeat[]) => boolean): Promise<void>
  /** The value of the next record of topic `orders`, from its start on. */
  next(): Promise<string>
  /** Records are taken, and nobody is told so until it is called. */
  holdAcknowledgements(): () => void
  close(): Promise<void>
}

export const partitionCount = 4

/** @param maxAgeSeconds for how long a browser remembers that a page may call */
export async function serveWatched(
  folder: string,
  origins: readonly string[],
  maxAgeSeconds?: number,
): Promise<WatchedServer> {
  // Longer than any test: a partition that comes back was given up, or its member has left.
  const engine = memory({ sessionTimeout: '1h' })
  const topics = [{ topic: 'orders', numPartitions: partitionCount, replicationFactor: 1, configs: [] }]
  await engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
  const heartbeats: Heartbeat[] = []
  const came = new EventEmitter()
  let held = Promise.resolve()
  const watch: Interceptor = (next) => async (operation, request, options) => {
    const answering = next(operation, request, options)
    if (isHeartbeat(operation)) await note(request as ConsumerGroupHeartbeatRequest, answering as HeartbeatAnswer)
    const answer = await answering
    if (operation.name === produce.name) await held
    return answer
  }
  const note = async ({ memberId, memberEpoch: epoch }: ConsumerGroupHeartbeatRequest, answering: HeartbeatAnswer) => {
    const answer = await answering.catch(() => undefined)
    const given = answer?.assignment?.topicPartitions.flatMap(({ partitions }) => partitions).sort()
    heartbeats.push({ memberId, epoch, given, isRefused: answer === undefined })
    came.emit('heartbeat')
  }
  const { keys, secret } = await keysIn(folder)
  const server = await serve({ transport: intercept(engine, watch), port: 0, keys, cors: { origins, maxAgeSeconds } })
  const reader = createConsumer<string>(engine, 'orders')
  return {
    url: server.url,
    key: secret,
    heartbeats,
    until: async (areSo) => {
      while (!areSo(heartbeats)) await once(came, 'heartbeat')
    },
    next: async () => (await reader.next()).value,
    holdAcknowledgements: () => {
      let release = (): void => undefined
      held = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
    close: async () => {
      await reader.close()
      await server.close()
      await engine.close()
    },
  }
}

/** What a page may do that sells: read and write orders, as a member of its groups. */
const scopes: readonly Scope[] = [
  { operation: 'write', resource: 'topic', name: 'orders', pattern: 'literal' },
  { operation: 'read', resource: 'topic', name: 'orders', pattern: 'literal' },
  { operation: 'read', resource: 'group', name: '*', pattern: 'literal' },
]

async function keysIn(folder: string): Promise<{ readonly keys: string; readonly secret: string }> {
  const pepper = createPepper()
  const { secret, key } = await createKey({ pepper, scopes })
  const keys = join(folder, 'keys.json')
  await writeFile(keys, JSON.stringify({ version: 1, pepper, keys: [key] }))
  return { keys, secret }
}

function isHeartbeat(operation: AnyOperation): boolean {
  return operation.name === consumerGroupHeartbeat.name
}
