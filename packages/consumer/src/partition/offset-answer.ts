import type { KafkaError } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import type { TopicPartition } from '../topic-partition.ts'

/** An offset that was asked for, `undefined` where there is none, or why it is not known. */
export type OffsetAnswer = { readonly offset: number | undefined } | { readonly error: KafkaError }

/** What a partition was refused with; one that was not answered is refused as well. */
export function refusalOf(
  { topic, partition }: TopicPartition,
  answer: { readonly errorCode: number; readonly errorMessage?: string | null | undefined } | undefined,
): KafkaError | undefined {
  if (answer?.errorCode === 0) return undefined
  return errorOfCode(answer?.errorCode ?? 'UNKNOWN_SERVER_ERROR', { topic, partition, detail: answer?.errorMessage })
}
