import { KafkaError } from '@kafkado/core'
import { givenUp } from '../state/held-values.ts'
import type { BuildProcessor } from './processor.ts'
import { type BytesOf, type SuppressedChange, type SuppressionBuffer, SuppressionOrder } from './suppression-order.ts'

/** How long a change is held back. */
export interface Suppression {
  /** In stream time, from the time of the change; for windows, from their end. */
  readonly holdMs: number
  /** The time of a windowed key; undefined uses the record's time. */
  readonly timeOf: ((key: unknown) => number) | undefined
  /** Whether null results are dropped instead of forwarded. */
  readonly dropsTombstones: boolean
  readonly limits: SuppressionLimits
}

/** Limits what is held back, and decides what happens beyond. Kafka: BufferConfig. */
export interface SuppressionLimits {
  readonly maxRecords: number
  readonly maxBytes: number
  /** Undefined without a limit of bytes. */
  readonly bytesOf: BytesOf | undefined
  readonly whenFull: 'emit-early' | 'shut-down'
}

/**
 * Holds back the changes of a table, and forwards the last one of each key when its time is over or the buffer is full.
 */
export function suppressProcessor(
  store: string,
  { holdMs, timeOf, dropsTombstones, limits }: Suppression,
): BuildProcessor {
  const { maxRecords, maxBytes, bytesOf, whenFull } = limits
  return (context, forward, _late, name) => {
    const buffer: SuppressionBuffer = context.keyValueStore(store)
    const order = new SuppressionOrder(buffer, bytesOf)
    let observed = -1
    const tell = (keys: readonly unknown[]): void => {
      if (keys.length === 0) return
      context.withoutRecord(() => {
        for (const key of keys) {
          const entry = buffer.entry(key)
          if (!entry) continue
          const last = givenUp(entry.holding) as SuppressedChange
          buffer.update(entry, null, observed)
          if (dropsTombstones && last.value === null) continue
          const act = (): void => forward(entry.key, last.value, last.timestamp, null)
          if (last.headers) context.current.withHeaders(last.headers, act)
          else act()
        }
      })
    }
    return [
      (key, value, timestamp) => {
        context.operator = name
        observed = Math.max(observed, buffer.observedTime, timestamp)
        const present = buffer.entry(key)
        const time = (present && order.timeOf(present)) ?? timeOf?.(key) ?? timestamp
        const change: SuppressedChange = { value, timestamp, time, headers: context.current.headersInHand ?? null }
        if (present) {
          buffer.update(present, change, timestamp)
          order.change(present)
        } else order.add(buffer.put(key, change, timestamp), time)
        tell(order.takeUntil(observed - holdMs))
        if (order.records <= maxRecords && order.bytes <= maxBytes) return
        if (whenFull === 'shut-down') throw full(store, limits, order)
        tell(order.takeOver(maxRecords, maxBytes))
      },
    ]
  }
}

function full(
  store: string,
  { maxRecords, maxBytes }: SuppressionLimits,
  { records, bytes }: SuppressionOrder,
): KafkaError {
  const limit = records > maxRecords ? `maxRecords: ${maxRecords}` : `maxBytes: ${maxBytes}`
  const held = records > maxRecords ? `${records} keys` : `${bytes} bytes`
  return new KafkaError(
    `suppress '${store}' is full: it holds back ${held}, more than ${limit}, and must not forward early. ` +
      'Raise the limit, or hold back for a shorter time',
    { code: 'BUFFER_FULL', retriable: false, outcome: 'failed' },
  )
}
