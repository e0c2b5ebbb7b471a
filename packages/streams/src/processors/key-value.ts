/** A key and a value. `map` and `flatMap` return it to change the key. Made by {@link keyValue}. */
export class KeyValue<K, V> {
  readonly key: K
  readonly value: V

  /** @internal use {@link keyValue} */
  constructor(key: K, value: V) {
    this.key = key
    this.value = value
  }
}

/** Gives a record another key along with its value, in `map` and `flatMap`. Kafka: KeyValue.pair. */
export function keyValue<K, V>(key: K, value: V): KeyValue<K, V> {
  return new KeyValue(key, value)
}
