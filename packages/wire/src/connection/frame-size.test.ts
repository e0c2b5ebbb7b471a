import { consumerGroupHeartbeat, KafkaError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { rawBytes } from '../../test/fake-broker.ts'
import { startCluster } from '../../test/fake-cluster.ts'
import { heartbeatOf } from '../../test/requests.ts'
import { bytesOf } from '../../test/wire-frames.ts'
import { consumerGroupHeartbeatApi } from '../operations/68-consumer-group-heartbeat.ts'
import { outcomeOf, within } from '../../test/waiting.ts'

describe('a frame of a size that cannot be', () => {
  it.each([
    ['of one byte', '00000001 41'],
    ['of none', '00000000 00'],
    ['of a negative size', 'ffffff9c 00'],
    ['of a negative size, with a number that is asked', 'ffffff9c 00000000 00000001 00000002 00000003'],
    ['of the least size', '80000000 00000001 00'],
  ])('%s, ends the connection and nothing else', async (_, hex) => {
    const { cluster, transport } = await startCluster(1)
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    cluster.broker(1).once(consumerGroupHeartbeatApi, () => rawBytes(bytesOf(hex)))
    // If the library throws in the handler of a socket, only the process sees it; vitest reports that.
    const outcome = await within(outcomeOf(transport.send(consumerGroupHeartbeat, heartbeatOf('g'))), 'the outcome')
    if (outcome instanceof Error) expect(KafkaError.is(outcome), String(outcome)).toBe(true)
    const [first, , ...later] = cluster.broker(1).connectionsOf(consumerGroupHeartbeatApi)
    expect(later).not.toContain(first)
    expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ memberEpoch: 2 })
  })
})
