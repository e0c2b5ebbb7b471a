// Many handlers at a time, with the order of every key kept; and threads for work that keeps the processor busy.
import { setTimeout as wait } from 'node:timers/promises'
import { createKafkaClient } from 'kafkado'

const kafka = createKafkaClient('memory:')
const jobs = Array.from({ length: 40 }, (_, step) => ({ key: `key-${step % 4}`, value: { step } }))
await kafka.producer<{ step: number }>('jobs').sendBatch(jobs)

const order = new Map<string, number[]>()
let handled = 0
const consumer = kafka.consumer<{ step: number }>('jobs', { group: 'handlers' })
await consumer.parallel({ concurrency: 10, ordering: 'key' }, async ({ key, value }) => {
  await wait(Math.random() * 5)
  order.set(String(key), [...(order.get(String(key)) ?? []), value.step])
  if (++handled === jobs.length) void consumer.close()
})
const inOrder = [...order.values()].every((steps) =>
  steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0)),
)
console.log(order.size, inOrder)
//> 4 true

const threads = kafka.consumer('jobs', { group: 'threads' })
threads.on('committed', ({ offsets }) => {
  if (offsets[0]?.offset === jobs.length) console.log('all of it was handled in threads')
})
const done = new BroadcastChannel('jobs')
let seen = 0
done.onmessage = () => {
  if (++seen === jobs.length) void threads.close()
}
await threads.parallel({ workers: 2, module: new URL('parallel-worker.ts', import.meta.url) })
done.close()
//> all of it was handled in threads

await kafka.close()
