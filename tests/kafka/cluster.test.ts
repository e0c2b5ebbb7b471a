import { existsSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { requestApiVersions } from '../../scripts/kafka/api-versions.ts'
import { startKafkaCluster } from '../../scripts/kafka/kafka-cluster.ts'

const consumerGroupHeartbeat = 68

function apiVersionsOf(address: string): Promise<Map<number, number>> {
  const [host = '', port] = address.split(':')
  return requestApiVersions(host, Number(port), AbortSignal.timeout(10_000))
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('answers', async () => {
  for (const address of inject('kafka').bootstrapServers.split(','))
    expect([...(await apiVersionsOf(address)).keys()]).toContain(consumerGroupHeartbeat)
})

// Brokers that were given are not for killing.
it.skipIf(process.env['KAFKA_BROKERS'])(
  'of three brokers one is killed and comes back, and nothing is left of them after close()',
  { timeout: 300_000 },
  async () => {
    const cluster = await startKafkaCluster({ brokers: 3 })
    const pids = new Set<number>()
    const remember = (): void => cluster.brokers.forEach(({ pid }) => pid !== undefined && pids.add(pid))
    try {
      remember()
      expect(cluster.brokers.map(({ address }) => address).join()).toBe(cluster.bootstrapServers)
      const [killed, ...others] = cluster.brokers
      if (!killed) throw new Error('no broker')

      await killed.kill()
      await expect(apiVersionsOf(killed.address)).rejects.toThrow()
      for (const { address } of others) await apiVersionsOf(address)

      await killed.start()
      remember()
      await apiVersionsOf(killed.address)
    } finally {
      await cluster.close()
    }
    expect(pids.size).toBe(4)
    expect([...pids].filter(runs)).toEqual([])
    expect(existsSync(cluster.folder)).toBe(false)
    for (const { address } of cluster.brokers) await expect(apiVersionsOf(address)).rejects.toThrow()
  },
)
