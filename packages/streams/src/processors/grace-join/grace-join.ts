import { type BuildProcessor, type NodeContext, requireAnswer } from '../processor.ts'
import { isDropped, type StreamTableJoin } from '../table-join.ts'
import type { BuildGetter } from '../table-source.ts'
import { RowHistory } from './row-history.ts'
import type { WaitingRecord } from './waiting-record.ts'

export interface GraceJoin extends StreamTableJoin {
  /** How long a record waits, in stream time. */
  readonly graceMs: number
  readonly stores: {
    /** The store of the waiting records. */
    readonly waiting: string
    /** The store of former rows. */
    readonly history: string
  }
  /** The current rows, if the table keeps them. */
  readonly present: BuildGetter | undefined
}

/**
 * Joins each record with the row of the record's own time, after a wait that lets late rows arrive. A later record does
 * not wait. Kafka: KStream.join with Joined.withGracePeriod (KIP-923).
 */
export function graceJoinProcessor(join: GraceJoin): BuildProcessor {
  const { graceMs, kind, joiner, matches, stores, present } = join
  return (context: NodeContext, forward, _late, name) => {
    const waiting = context.windowStore<unknown, WaitingRecord>(stores.waiting)
    waiting.trackClosing()
    const history = new RowHistory({
      store: context.keyValueStore(stores.history),
      graceMs,
      streamTime: () => waiting.observedTime,
      awaited: (key) => waiting.fetch(key, 0, Infinity).map(({ start }) => start),
      present: present?.(context, 'told'),
    })
    const meet = (key: unknown, value: unknown, timestamp: number): void => {
      context.operator = name
      const row = key === null ? null : history.at(key, timestamp)
      const right = row === null || !matches || matches(value, row) ? row : null
      if (right !== null || kind === 'left') forward(key, requireAnswer(joiner(value, right, key), 'join'), timestamp)
    }
    const release = (): void => {
      const over = waiting.inOrder(waiting.close(waiting.observedTime - graceMs))
      if (over.length === 0) return
      context.withoutRecord(() => {
        for (const entry of over) {
          const { key, start } = entry
          const { value, headers } = entry.value as WaitingRecord
          waiting.remove(entry, entry.timestamp)
          context.current.withHeaders(headers ?? [], () => meet(key, value, start))
          history.prune(key)
        }
      })
    }
    return [
      (key, value, timestamp) => {
        context.operator = name
        if (isDropped(context, kind, key, value)) return
        if (key === null || timestamp < waiting.observedTime - graceMs) {
          meet(key, value, timestamp)
          return
        }
        const record = { value, headers: context.current.headersInHand ?? null }
        waiting.add(key, timestamp, timestamp, record, timestamp)
        release()
      },
      (key, value, timestamp, before) => {
        context.operator = name
        if (key !== null) history.put(key, value, timestamp, before)
      },
    ]
  }
}
