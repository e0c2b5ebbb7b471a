// Each thread of parallel.ts runs this for every record it gets.
import type { KafkaRecord } from 'kafkado'

const done = new BroadcastChannel('jobs')

export default function work({ value }: KafkaRecord<{ step: number }>): void {
  let sum = 0
  for (let index = 0; index < 100_000; index++) sum += Math.sqrt(index + value.step)
  done.postMessage(sum)
}
