// A member of a group in a process of its own, which joins, is asked to leave, killed and stopped by a test.
import { createConsumer, type TopicPartition } from '@kafkado/consumer'
import { http } from '@kafkado/core'
import { ChurnJournal } from './churn-journal.ts'

const [url = '', path = '', member = ''] = process.argv.slice(2)
using journal = new ChurnJournal(path)
const note =
  (what: 'assigned' | 'gone') =>
  (partitions: readonly TopicPartition[]): void =>
    journal.write({ member, what, partitions: partitions.map(({ partition }) => partition) })
const consumer = createConsumer<number>(http(url), 'numbers', {
  group: 'churn',
  sessionTimeout: '5s',
  heartbeatInterval: 300,
  rebalanceTimeout: '5s',
  autoCommitInterval: 200,
  fetchMaxWaitMs: 100,
  closeTimeout: '5s',
  onAssigned: (partitions) => {
    note('assigned')(partitions)
    // Whoever started this process may wait for the first of these.
    process.send?.('assigned')
  },
  onRevoked: note('gone'),
  onLost: note('gone'),
})
process.on('SIGTERM', () => void consumer.close())
for await (const { partition, offset } of consumer) journal.write({ member, what: 'processed', partition, offset })
