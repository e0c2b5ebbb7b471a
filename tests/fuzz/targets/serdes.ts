import { bytes, float64, int64, json, KafkaRecord, SerializationError, type Serde, string } from '@kafkado/core'
import { joined } from '../mutator.ts'
import { expect, type Target } from '../target.ts'

const context = { topic: 't', partition: 0, offset: 0, field: 'value' } as const
const serdes = [json(), string(), int64(), float64(), bytes()] as unknown as readonly Serde<unknown>[]
const samples: readonly unknown[] = [{ a: [1, null, 'ü'] }, 'text', 2 ** 40, 0.1, Uint8Array.of(1, 2)]

/** The first byte tells the serde. */
export const serdesTarget: Target = {
  name: 'serdes',
  sources: ['serialization/serdes', 'serialization/json-loss', 'record/kafka-record'],
  seeds: serdes.map((serde, index) => joined(Uint8Array.of(index), serde.serialize(samples[index], context))),
  words: ['__proto__', '\\ud800', '1e999', '-0', '{"a":'],
  run(input) {
    const serde = serdes[(input[0] ?? 0) % serdes.length] as Serde<unknown>
    const content = input.subarray(1)
    const source = { topic: 't', partition: 0, keySerde: serde, valueSerde: serde, commit: () => Promise.resolve() }
    const record = new KafkaRecord(source, content, 0, 0, 0, content.length, 0, content.length, 0, 0)
    let value: unknown
    try {
      value = record.value
    } catch (error) {
      expect(SerializationError.is(error), `it throws ${String(error)}`)
      return (error as Error).message
    }
    let written: Uint8Array
    try {
      written = serde.serialize(value, context)
    } catch (error) {
      // JSON reads what it does not write: half surrogates, and numbers beyond all bounds.
      expect(/surrogate|JSON|Infinity/.test((error as Error).message), `what was read is not written: ${String(error)}`)
      return 'not written'
    }
    expect(
      Object.is(JSON.stringify(serde.deserialize(written, context)), JSON.stringify(value)),
      'it is read as another',
    )
    return typeof value
  },
}
