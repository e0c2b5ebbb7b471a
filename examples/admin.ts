// Topics, groups and transactions.
import { createKafkaClient } from 'kafkado'

const kafka = createKafkaClient('memory:')
const { admin } = kafka

await admin.createTopic('orders', { partitions: 3, retentionMs: 86_400_000, config: { 'cleanup.policy': 'delete' } })
console.log(await admin.listTopics())
//> [ { name: 'orders', partitions: 3 } ]
await admin.alterTopic('orders', { partitions: 4 })
await kafka.producer<number>('orders').sendBatch([1, 2, 3].map((value) => ({ value, partition: 0 })))
const { partitions, retentionMs, offsets } = await admin.describeTopic('orders')
console.log(partitions, retentionMs, offsets[0]?.latest)
//> 4 86400000 3

for await (const _record of kafka.consume('orders', { group: 'mailer' }).take(2));
const group = await admin.describeGroup('mailer')
console.log(group.state, group.totalLag)
//> Empty 1
await admin.resetOffsets('mailer', 'orders', 'earliest')
console.log((await admin.describeGroup('mailer')).totalLag)
//> 3
console.log((await admin.listGroups()).map(({ id }) => id).join())
//> mailer
await admin.deleteGroup('mailer')

await kafka.transaction('orders', (tx) => tx.send(4), { id: 'writer' })
console.log((await admin.listTransactions()).map(({ id, state }) => `${id}: ${state}`).join())
//> writer: CompleteCommit
await admin.deleteTopic('orders')
console.log(await admin.listTopics())
//> []

await kafka.close()
