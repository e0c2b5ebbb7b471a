import type { KafkaRecord } from 'kafkado'

/** Blocks its thread for as many milliseconds as the record says. */
export default function block({ value }: KafkaRecord<number>): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, value)
}
