// Prints what each of many idle consumers holds.
import { createKafkaClient } from 'kafkado'
import { memoryInUse } from '../../growth/memory-in-use.ts'

const consumers = 1000
const kafka = createKafkaClient('memory:')
await kafka.admin.createTopic('orders', { partitions: 1 })
const running: Promise<unknown>[] = []

await open(20, 'warm-up')
const before = memoryInUse()
await open(consumers, 'group')
console.log(JSON.stringify({ kilobytes: (memoryInUse() - before) / consumers / 1000 }))
await kafka.close()
await Promise.allSettled(running)

/** Resolves when all of them have their partition. */
async function open(count: number, name: string): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const consumer = kafka.consumer('orders', { group: `${name}-${index}` })
      const assigned = new Promise<void>((resolve) => consumer.on('assigned', () => resolve()))
      running.push(
        (async () => {
          for await (const record of consumer) throw new Error(`nobody has sent ${String(record.value)}`)
        })(),
      )
      await assigned
    }),
  )
}
