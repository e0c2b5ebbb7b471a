import { type Anomaly, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'

export const phantom: Anomaly = {
  kind: 'phantom',
  meaning: 'a record is there that nobody has sent to this topic, to this partition, or with this key',
  *find(facts) {
    const topics = new Set(facts.of('send').map(({ topic }) => topic))
    const outputs = new Set(facts.of('pipeline').map(({ output }) => output))
    const judged = (topic: string): boolean => topics.has(topic) && !outputs.has(topic)
    const told = new Set<string>()
    const isWrong = (value: string, topic: string, partition: number): boolean => {
      if (told.has(value) || !isStray(facts, value, topic, partition)) return false
      told.add(value)
      return true
    }
    for (const event of facts.of('final-log')) {
      if (!judged(event.topic)) continue
      for (const { value, offset, key } of event.records) {
        const place = `${event.topic}/${event.partition}@${offset}`
        const send = facts.sends.get(value)?.send
        if (isWrong(value, event.topic, event.partition))
          yield finding(`"${value}" lies at ${place}, where nobody sent it`, event)
        else if (send && send.key !== key)
          yield finding(`"${value}" lies at ${place} with the key ${key}, and was sent with ${send.key}`, send, event)
      }
    }
    for (const { record, poll } of facts.reads) {
      const { value, topic, partition, offset } = record
      if (judged(topic) && isWrong(value, topic, partition))
        yield finding(`"${value}" was read at ${topic}/${partition}@${offset}, where nobody sent it`, poll)
    }
  },
}

function isStray(facts: Facts, value: string, topic: string, partition: number): boolean {
  const send = facts.sends.get(value)?.send
  return !send || send.topic !== topic || (send.partition !== undefined && send.partition !== partition)
}
