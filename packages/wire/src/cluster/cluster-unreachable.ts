import { DisconnectedError, type KafkaError } from '@kafkado/core'
import { copyByFields } from '@kafkado/core/internal'
import { type BrokerAddress, showAddress } from '../settings/broker-address.ts'

/** No broker of the cluster can be reached, even after several attempts. The caller decides whether to continue. */
export class ClusterUnreachable extends DisconnectedError {
  constructor(addresses: readonly BrokerAddress[], problems: readonly KafkaError[]) {
    const where = addresses.map(showAddress).join(', ')
    const [first] = problems
    super(`no broker of the Apache Kafka cluster at ${where} can be reached: ${first?.message}`, {
      outcome: 'failed',
      cause: first,
    })
  }
}

copyByFields(ClusterUnreachable)
