import type { ConsumerConfig, TopicSelection } from '@kafkado/consumer'
import { type DerivedPartitions, PartitionReader } from '@kafkado/consumer/internal'
import type { Transport } from '@kafkado/core'
import { memberAddress } from '../plan/member-address.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'

/** Reads all topics of an application as a member of its group, once it is started. */
export function joinGroup(
  transport: Transport,
  topics: readonly TopicSelection<unknown, unknown>[],
  { application, advertisedUrl, closeTimeoutMs, consumer, offset, runtime }: StreamsSettings,
  listeners: Required<Pick<ConsumerConfig, 'onAssigned' | 'onRevoked' | 'onLost'>>,
  derived: DerivedPartitions,
): PartitionReader {
  const config: ConsumerConfig = {
    ...consumer,
    ...listeners,
    runtime,
    group: application,
    offset,
    assignor: 'range',
    // The rest of the time is for the last commit and the end of the tasks.
    closeTimeout: closeTimeoutMs / 4,
    ...memberAddress.told(advertisedUrl),
  }
  return new PartitionReader(transport, topics, config, { derived })
}
