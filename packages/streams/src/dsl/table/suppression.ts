import { type Duration, InvalidRequestError } from '@kafkado/core'
import { anyField, type ConfigFields, serializeField, toMilliseconds } from '@kafkado/core/internal'
import type { Suppression, SuppressionLimits } from '../../processors/suppress.ts'
import type { BytesOf } from '../../processors/suppression-order.ts'
import { namedOptions, optionsOf } from '../operator-options.ts'
import type { TableParts } from '../parts.ts'

/**
 * Limits what is held back. Default: no limit (Kafka: BufferConfig.unbounded, withNoBound). Set one where many keys
 * change within the time.
 */
export interface SuppressBuffer {
  /** The most keys. Kafka: BufferConfig.maxRecords. */
  maxRecords?: number | undefined
  /**
   * The most bytes of serialised keys and values. Kafka also counts the origin of each record. Kafka:
   * BufferConfig.maxBytes.
   */
  maxBytes?: number | undefined
  /**
   * The name of its store. Default: made of the table's name. Set it to keep the state when the topology changes.
   * Kafka: Suppressed.withName.
   */
  name?: string | undefined
}

export interface SuppressOptions extends SuppressBuffer {
  /**
   * How long, in stream time, a change is held back; later changes of the key replace it. Raise it for fewer updates,
   * together with the limits of the buffer. Kafka: Suppressed.untilTimeLimit.
   */
  timeLimit?: Duration | undefined
  /**
   * What happens beyond the limits. `'emit-early'` (default) forwards the change that was held back longest.
   * `'shut-down'` ends the application with the error BUFFER_FULL, whatever `onError` says. Choose it when an early
   * change would be wrong. Kafka: emitEarlyWhenFull, shutDownWhenFull.
   */
  whenFull?: 'emit-early' | 'shut-down' | undefined
}

export const bufferOptions: ConfigFields<SuppressBuffer> = {
  ...namedOptions,
  maxRecords: anyField(),
  maxBytes: anyField(),
}
const suppressOptions: ConfigFields<SuppressOptions> = { ...bufferOptions, timeLimit: anyField(), whenFull: anyField() }

/**
 * Reads the options of `suppress()`. @throws InvalidRequestError when it would never forward anything, or a limit is
 * not valid
 */
export function suppressionOf(table: TableParts, options: SuppressOptions): Suppression {
  const { timeLimit, whenFull = 'emit-early' } = optionsOf('suppress', suppressOptions, options)
  const limits = limitsOf(table, 'suppress', options, whenFull)
  if (whenFull !== 'emit-early' && whenFull !== 'shut-down')
    throw new InvalidRequestError(`suppress: whenFull must be 'emit-early' or 'shut-down', got '${String(whenFull)}'`)
  const isLimited = limits.maxRecords !== Infinity || limits.maxBytes !== Infinity
  if (timeLimit === undefined && (!isLimited || whenFull === 'shut-down'))
    throw new InvalidRequestError(
      'suppress: give a timeLimit, or maxRecords or maxBytes with emission when they are reached, ' +
        'else nothing would ever be handed on',
    )
  const holdMs = timeLimit === undefined ? Infinity : toMilliseconds(timeLimit, 'timeLimit')
  return { holdMs, timeOf: undefined, dropsTombstones: false, limits }
}

/** @throws InvalidRequestError when a limit is not valid */
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
