import { mkdtempSync, rmSync } from 'node:fs'
import { createKafkaClient, KafkaError } from 'kafkado'

/** What a server does with a bundle: folders, and codecs of packages that no bundler follows. */
export async function page(server) {
  const folder = mkdtempSync('records-')
  const seen = []
  for (const url of ['memory:', `file:${folder}`, server]) {
    const kafka = createKafkaClient(url)
    for (const compression of ['snappy', 'lz4', 'zstd', 'gzip']) {
      const producer = kafka.producer('of-servers', { compression })
      await producer.send({ orderId: 'x'.repeat(1000) })
      await producer.close()
    }
    for await (const { value } of kafka.consume('of-servers', { group: folder }).take(4))
      seen.push(value.orderId.length)
    await kafka.close()
  }
  rmSync(folder, { recursive: true })
  // Nothing answers there; that the protocol is in the bundle shows in how it fails.
  const cluster = createKafkaClient({ url: 'kafka://127.0.0.1:9', timeout: 500, retries: 0 })
  const failure = await cluster.admin.listTopics().catch((error) => error)
  await cluster.close()
  if (seen.length !== 12) throw new Error(`${seen.length} records were read, not 12`)
  if (!KafkaError.is(failure) || !['DISCONNECTED', 'TIMEOUT'].includes(failure.code))
    throw new Error('what no broker answered failed with another error', { cause: failure })
  return true
}
