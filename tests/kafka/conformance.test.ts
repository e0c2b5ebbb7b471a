import { http } from '@kafkado/core'
import { serve } from '@kafkado/server/node'
import { transportConformance } from '@kafkado/testing/conformance'
import { wire } from '@kafkado/wire'
import { describe, inject } from 'vitest'

const { bootstrapServers } = inject('kafka')

/** Names of this run only, as a cluster of the user's keeps what earlier runs made. */
const run = `${process.pid}-${Math.floor(performance.timeOrigin)}`

describe('Apache Kafka', () =>
  transportConformance(
    () => {
      const transport = wire(bootstrapServers)
      return Promise.resolve({ transport, close: () => transport.close() })
    },
    { run: `direct-${run}`, isEventual: true },
  ))

describe('HTTP to Apache Kafka', () =>
  transportConformance(
    async () => {
      const cluster = wire(bootstrapServers)
      const server = await serve({ transport: cluster, port: 0 })
      const transport = http({ url: server.url })
      const close = async (): Promise<void> => {
        await transport.close()
        await server.close()
        await cluster.close()
      }
      return { transport, close }
    },
    { run: `http-${run}`, isEventual: true },
  ))
