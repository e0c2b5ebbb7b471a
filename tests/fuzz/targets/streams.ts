import { json, type Serde, string } from '@kafkado/core'
import { sessionWindow, tumblingWindow } from '@kafkado/streams'
import { regroupedSerde, suppressedSerde } from '../../../packages/streams/src/dsl/table/change-serdes.ts'
import { derivedKeySerde } from '../../../packages/streams/src/dsl/serdes.ts'
import {
  answerSerde,
  subscriptionKeySerde,
  subscriptionSerde,
} from '../../../packages/streams/src/processors/foreign-key-join/messages.ts'
import { waitingRecordSerde } from '../../../packages/streams/src/processors/grace-join/waiting-record.ts'
import { readTimestamped, withTimestamp } from '../../../packages/streams/src/state/stored-bytes.ts'
import type { StoreDefinition } from '../../../packages/streams/src/state/store-definition.ts'
import { decodeWindowKey, encodeWindowKey } from '../../../packages/streams/src/state/window-key.ts'
import { windowedSerde } from '../../../packages/streams/src/windows/windowed.ts'
import { joined } from '../mutator.ts'
import { expect, ofAnEngine, type Target } from '../target.ts'

const context = { topic: 't', partition: 0, offset: 0, field: 'value' } as const
const any = json() as Serde<unknown>
const text = string() as Serde<unknown>
const tumbling = tumblingWindow('1s', { grace: 0 })
const session = sessionWindow('1s', { grace: 0 })
const store = { name: 's', keySerde: any, valueSerde: any, retentionMs: 1000, isLogged: true, purpose: 'a test' }

interface Form {
  readonly serde: Serde<unknown>
  readonly sample: unknown
}

/** The key of a window in a changelog, as a serde. */
function windowKeySerde(kind: StoreDefinition['kind']): Serde<unknown> {
  const definition: StoreDefinition = { ...store, kind, windowSizeMs: 1000 }
  return {
    serialize: (value) => {
      const { keyBytes, ...bounds } = value as ReturnType<typeof decodeWindowKey>
      return encodeWindowKey(definition, keyBytes, bounds)
    },
    deserialize: (bytes) => decodeWindowKey(definition, bytes),
  }
}

const timestamped: Serde<unknown> = {
  serialize: (value) => {
    const { value: bytes, timestamp } = value as ReturnType<typeof readTimestamped>
    return withTimestamp(bytes, timestamp)
  },
  deserialize: readTimestamped,
}

const keyBytes = new TextEncoder().encode('key')
const hash = '0123456789abcdef'
/** All that streams write into topics and folders beside what users say, each with a value. */
const forms: readonly Form[] = [
  { serde: windowedSerde(text, tumbling) as Serde<unknown>, sample: { key: 'k', start: 5000, end: 6000 } },
  { serde: windowedSerde(text, session) as Serde<unknown>, sample: { key: 'k', start: 5000, end: 7000 } },
  { serde: subscriptionSerde(text) as Serde<unknown>, sample: { leftKey: 'k', instruction: 'tell-always', hash } },
  { serde: answerSerde(any) as Serde<unknown>, sample: { hash: null, right: { a: 1 } } },
  { serde: subscriptionKeySerde(text, text) as Serde<unknown>, sample: { foreignKey: 'f', leftKey: 'k' } },
  { serde: regroupedSerde(any), sample: { added: { a: 1 }, removed: [2] } },
  { serde: suppressedSerde(any), sample: { value: 'v', timestamp: 5, time: 9, headers: null } },
  {
    serde: suppressedSerde(any),
    sample: { value: null, timestamp: 5, time: 9, headers: [['h', keyBytes] as const, ['none', null] as const] },
  },
  { serde: waitingRecordSerde(any), sample: { value: { a: 1 }, headers: null } },
  { serde: waitingRecordSerde(any), sample: { value: 'v', headers: [['h', keyBytes] as const] } },
  { serde: derivedKeySerde, sample: [1, { a: 'b' }] },
  { serde: windowKeySerde('window'), sample: { keyBytes, start: 5000, end: 6000, sequence: 3 } },
  { serde: windowKeySerde('session'), sample: { keyBytes, start: 5000, end: 6000, sequence: 0 } },
  { serde: timestamped, sample: { timestamp: 77, value: keyBytes } },
]

/**
 * The first byte tells the form. What is refused is refused in words, not by what an engine says when it meets the end
 * of a buffer.
 */
export const streamsBytes: Target = {
  name: 'streams-bytes',
  sources: [
    'streams/src/windows/windowed',
    'streams/src/processors/foreign-key-join/messages',
    'streams/src/processors/grace-join/waiting-record',
    'streams/src/dsl/table/change-serdes',
    'streams/src/state/stored-headers',
    'streams/src/state/stored-bytes',
    'streams/src/state/window-key',
  ],
  seeds: forms.flatMap(({ serde, sample }, index) => joined(Uint8Array.of(index), serde.serialize(sample, context))),
  run(input) {
    const { serde } = forms[(input[0] ?? 0) % forms.length] as Form
    let value: unknown
    try {
      value = serde.deserialize(input.subarray(1), context)
    } catch (error) {
      const { message } = error as Error
      expect(!ofAnEngine.test(message), `unclear: ${message}`)
      return { refused: message }
    }
    const again = serde.deserialize(serde.serialize(value, context), context)
    expect(
      JSON.stringify(again) === JSON.stringify(value),
      `${JSON.stringify(value)} is read as ${JSON.stringify(again)}`,
    )
    requireWhole(value)
    return value
  },
}

/** Nothing is missing, and times are not rounded. The end of a window whose size is known is not written. */
function requireWhole(value: unknown): void {
  const fields = (typeof value === 'object' ? value : null) as Record<string, unknown> | null
  expect(!('instruction' in (fields ?? {})) || typeof fields?.['instruction'] === 'string', 'there is no instruction')
  const hash = fields?.['hash']
  expect(typeof hash !== 'string' || hash.length === 16, 'a hash is cut off')
  for (const name of ['start', 'timestamp', 'time']) {
    const time = fields?.[name]
    expect(typeof time !== 'number' || Number.isSafeInteger(time), `the ${name} is ${String(time)}`)
  }
}
