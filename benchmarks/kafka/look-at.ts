import type { ConsumerSettings } from './kafka-subject.ts'
import type { ReadMeter } from './read-meter.ts'

/** What a user does with a value that comes as a Buffer. */
export function lookAt(value: Buffer, as: ConsumerSettings['as'], meter: ReadMeter): void {
  if (as === 'bytes') meter.onBytes(value)
  else meter.onOrder(JSON.parse(value.toString()) as { amount: number })
}
