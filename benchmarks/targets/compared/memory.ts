import { fetch, http } from '@kafkado/core'
import { createKafkaClient } from 'kafkado'
import { setTimeout } from 'node:timers/promises'
import type { Comparison, Figures, Target } from '../comparison.ts'
import { amount } from '../judges.ts'
import { askServer, startOurs } from '../server-process.ts'
import { onceAProcess, processScript } from '../side-process.ts'

const longPolls = 500

/** What is held for things that wait. There is nothing to compare with. */
export const memory: readonly Comparison[] = [
  {
    ...ofOne('memory-consumer', 'memory of an idle consumer', 10),
    settings:
      '1,000 consumers in one process, each in a group of its own, wait for records of a topic with one partition in ' +
      'memory; the heap and what buffers hold, after two collections of garbage, with the engine in the same process.',
    warmUp: '20 consumers',
    open: async () => ({ sides: [onceAProcess({ name: 'held' }, processScript('idle-consumers.ts'))] }),
  },
  {
    ...ofOne('memory-long-poll', 'memory of a long poll, at the server', 20),
    settings:
      `${longPolls} requests over HTTP wait for records at one server; the heap and what buffers hold in the ` +
      'process of the server.',
    warmUp: 'the same once',
    async open() {
      await longPollBytes()
      return { sides: [{ name: 'held', measure: longPollBytes }] }
    },
  },
]

function ofOne(name: string, what: string, atMost: number): Pick<Comparison, 'name' | 'targets'> {
  const target: Target = {
    name,
    what,
    ours: 'held',
    against: [],
    ...amount('kilobytes', 'KB', 'KB each'),
    target: atMost,
  }
  return { name, targets: [target] }
}

async function longPollBytes(): Promise<Figures> {
  const server = await startOurs('memory')
  try {
    const kafka = createKafkaClient(server.url)
    await kafka.admin.createTopic('orders', { partitions: 1 })
    const transport = http({ url: server.url, retries: 0 })
    const before = await askServer(server, 'memory')
    const waiting = Array.from({ length: longPolls }, () =>
      transport.send(fetch, {
        maxWaitMs: 60_000,
        minBytes: 1,
        maxBytes: 1_000_000,
        isolationLevel: 'read_committed',
        topics: [
          {
            topic: 'orders',
            partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }],
          },
        ],
      }),
    )
    const settled = Promise.allSettled(waiting)
    // They are there when an answered request came after all of them, on each of the connections or on its own.
    await setTimeout(1000)
    await kafka.admin.listTopics()
    const after = await askServer(server, 'memory')
    await transport.close()
    await settled
    await kafka.close()
    return { kilobytes: (after - before) / longPolls / 1000 }
  } finally {
    await server.close()
  }
}
