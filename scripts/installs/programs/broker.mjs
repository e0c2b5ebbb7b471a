import { mkdtempSync, rmSync } from 'node:fs'
import { createTopics, metadata } from '@kafkado/core'
import { embedded, memory } from '@kafkado/broker'

const folder = mkdtempSync('records-')
for (const open of [() => memory(), () => embedded(folder), () => embedded(folder)]) {
  const engine = open()
  await engine.open()
  const topic = { topic: 'orders', numPartitions: 1, replicationFactor: 1, configs: [] }
  await engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics: [topic] })
  const { topics } = await engine.send(metadata, { topics: null, allowAutoTopicCreation: false })
  if (topics[0]?.topic !== 'orders') throw new Error('there is no topic')
  await engine.close()
}
rmSync(folder, { recursive: true })
console.log('used')
