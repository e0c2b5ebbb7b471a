import type { KafkaSubject } from './kafka-subject.ts'

/** Loaded by the process that measures it, so that none carries the code of another. */
export const subjects: Readonly<Record<string, () => Promise<KafkaSubject>>> = {
  kafkado: async () => (await import('./kafkado-subject.ts')).kafkado,
  '@platformatic/kafka': async () => (await import('./platformatic-subject.ts')).platformatic,
  kafkajs: async () => (await import('./kafkajs-subject.ts')).kafkajs,
  confluent: async () => (await import('./confluent-subject.ts')).confluent,
  'confluent, callbacks': async () => (await import('./confluent-callbacks-subject.ts')).confluentCallbacks,
}

/** @throws when there is none of that name */
export function subjectOf(name: string): Promise<KafkaSubject> {
  const load = subjects[name]
  if (!load) throw new Error(`there is no client '${name}'; choose from ${Object.keys(subjects).join('; ')}`)
  return load()
}
