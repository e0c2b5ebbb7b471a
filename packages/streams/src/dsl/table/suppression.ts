import { type Duration, InvalidRequestError } from '@kafkado/core'
import { anyField, type ConfigFields, serializeField, toMilliseconds } from '@kafkado/core/internal'
import type { Suppression, SuppressionLimits } from '../../processors/suppress.ts'
import type { BytesOf } from '../../processors/suppression-order.ts'
import { namedOptions, optionsOf } from '../operator-options.ts'
import type { TableParts } from '../parts.ts'

/** How much is held back at most. Default any number (Kafka: BufferConfig.unbounded, withNoBound). */
export interface SuppressBuffer {
  /** How many keys. Kafka: BufferConfig.maxRecords. */
  maxRecords?: number | undefined
  /**
   * How many bytes of keys and values, as they are written. Kafka counts besides where each record came from. Kafka:
   * BufferConfig.maxBytes.
   */
  maxBytes?: number | undefined
  /**
   * The name of its store, by which it is found again when the application changes. Default made of that of the table.
   */
  name?: string | undefined
}

export interface SuppressOptions extends SuppressBuffer {
  /**
   * How long a change is held back in stream time; later ones of the key take its place. Kafka:
   * Suppressed.untilTimeLimit.
   */
  timeLimit?: Duration | undefined
  /**
   * What happens when there is more: `'emit-early'` (default) hands on what was held back longest; `'shut-down'` ends
   * the application with the error BUFFER_FULL, whatever `onError` says, as a change would be told that should not be.
   * Kafka: emitEarlyWhenFull, shutDownWhenFull.
   */
  whenFull?: 'emit-early' | 'shut-down' | undefined
}

export const bufferOptions: ConfigFields<SuppressBuffer> = {
  ...namedOptions,
  maxRecords: anyField(),
  maxBytes: anyField(),
}
const suppressOptions: ConfigFields<SuppressOptions> = { ...bufferOptions, timeLimit: anyField(), whenFull: anyField() }

/** What `suppress()` was told. @throws InvalidRequestError when it would never hand on anything, or a limit is none */
export function suppressionOf(table: TableParts, options: SuppressOptions): Suppression {
  const { timeLimit, whenFull = 'emit-early' } = optionsOf('suppress', suppressOptions, options)
  const limits = limitsOf(table, 'suppress', options, whenFull)
  if (whenFull !== 'emit-early' && whenFull !== 'shut-down')
    throw new InvalidRequestError(`suppress: whenFull must be 'emit-early' or 'shut-down', got '${String(whenFull)}'`)
  const isLimited = limits.maxRecords !== Infinity || limits.maxBytes !== Infinity
  if (timeLimit === undefined && (!isLimited || whenFull === 'shut-down'))
    throw new InvalidRequestError(
      'suppress: give a timeLimit, or maxRecords or maxBytes with emission when they are reached, else nothing ' +
        'would ever be handed on',
    )
  const holdMs = timeLimit === undefined ? Infinity : toMilliseconds(timeLimit, 'timeLimit')
  return { holdMs, timeOf: undefined, dropsTombstones: false, limits }
}

/** @throws InvalidRequestError when a limit is none */
export function limitsOf(
  { key: keySerde, value: valueSerde, lineage }: TableParts,
  operator: string,
  { maxRecords = Infinity, maxBytes = Infinity }: SuppressBuffer,
  whenFull: SuppressionLimits['whenFull'],
): SuppressionLimits {
  for (const [name, limit] of Object.entries({ maxRecords, maxBytes }))
    if (!(limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)))
      throw new InvalidRequestError(`${operator}: ${name} must be a whole number from 0 up, got ${String(limit)}`)
  const bytesOf: BytesOf = (key, value) =>
    lengthOf(serializeField(keySerde, key, { topic: lineage, field: 'key' })) +
    (value === null ? 0 : lengthOf(serializeField(valueSerde, value, { topic: lineage, field: 'value' })))
  return { maxRecords, maxBytes, bytesOf: maxBytes === Infinity ? undefined : bytesOf, whenFull }
}

const encoder = new TextEncoder()

function lengthOf(written: string | Uint8Array): number {
  return typeof written === 'string' ? encoder.encode(written).length : written.length
}
