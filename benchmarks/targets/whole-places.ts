import { readFileSync } from 'node:fs'
import { createKafkaClient } from 'kafkado'
import { partitions } from '../kafka/common-settings.ts'
import { startBroker } from '../kafka/find-brokers.ts'
import { Topics } from '../kafka/topics.ts'
import { askServer, startOurs } from './server-process.ts'

/** Where the whole way of a record is measured: a server, or a broker. */
export interface Place {
  /** What clients connect to. */
  readonly address: string
  create(topic: string): Promise<void>
  delete(topic: string): Promise<void>
  /** CPU time of the server so far. */
  cpuUs(): Promise<number>
  close(): Promise<void>
}

/** `serve` on a folder: what is acknowledged is synced. */
export async function ourServer(): Promise<Place> {
  const server = await startOurs('disk')
  const kafka = createKafkaClient(server.url)
  return {
    address: server.url,
    async create(topic) {
      await kafka.admin.createTopic(topic, { partitions })
    },
    delete: (topic) => kafka.admin.deleteTopic(topic),
    cpuUs: () => askServer(server, 'cpu'),
    async close() {
      await kafka.close()
      await server.close()
    },
  }
}

/** A broker that syncs each batch before it acknowledges it, as ours does. */
export async function syncingBroker(): Promise<Place> {
  const cluster = await startBroker()
  const topics = new Topics(cluster.bootstrapServers, { 'flush.messages': '1' })
  const pid = cluster.brokers[0]?.pid
  return {
    address: cluster.bootstrapServers,
    create: (topic) => topics.create(topic),
    delete: (topic) => topics.delete(topic),
    cpuUs: async () => cpuUsOf(pid),
    async close() {
      await topics.close()
      await cluster.close()
    },
  }
}

/** By what Linux says of a process, in hundredths of a second. */
function cpuUsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return (user + system) * 10_000
}
