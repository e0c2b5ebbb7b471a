import type { KafkaRecord } from '@kafkado/core'

type AnyRecord = KafkaRecord<unknown, unknown>

/** The output of topics that was not read yet. */
export class DriverOutputs {
  readonly #byTopic = new Map<string, AnyRecord[]>()

  add(topic: string, record: AnyRecord): void {
    const records = this.#byTopic.get(topic)
    if (records) records.push(record)
    else this.#byTopic.set(topic, [record])
  }

  take(topic: string): AnyRecord[] {
    const records = this.#byTopic.get(topic) ?? []
    this.#byTopic.delete(topic)
    return records
  }
}
