import type { KafkaRecord } from '@kafkado/core'
import type { Load } from './load.ts'

/**
 * What of the load is not as it should be in the topic: missing, there twice, in another order, or never to be seen.
 */
export function violationsOf(load: Load, found: readonly KafkaRecord<string>[]): string[] {
  const violations: string[] = []
  const times = new Map<string, number>()
  const lastOrders = new Map<string, number>()
  for (const { key, value, partition, offset } of found) {
    times.set(value, (times.get(value) ?? 0) + 1)
    const sent = load.delivered.get(value)
    if (load.aborted.has(value)) violations.push(`${value} was aborted, and is there`)
    else if (!sent) violations.push(`${value} is there, and was never acknowledged`)
    else {
      const { place, order } = sent
      if (place?.partition !== partition || place.offset !== offset)
        violations.push(
          `${value} is at ${partition}/${offset}, and was acknowledged at ${place?.partition}/${place?.offset}`,
        )
      if (order <= (lastOrders.get(sent.key) ?? -1)) violations.push(`${value} comes after a later one of its key`)
      lastOrders.set(sent.key, order)
      if (key !== sent.key) violations.push(`${value} has the key ${key}, not ${sent.key}`)
    }
  }
  for (const [value, count] of times) if (count > 1) violations.push(`${value} is there ${count} times`)
  for (const value of load.delivered.keys())
    if (!times.has(value)) violations.push(`${value} was acknowledged, and is lost`)
  return violations
}
