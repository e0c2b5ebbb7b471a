import { describe, expect, it } from 'vitest'
import { produce } from './apis/00-produce.ts'
import { fetch } from './apis/01-fetch.ts'
import { metadata } from './apis/03-metadata.ts'
import { findCoordinator } from './apis/10-find-coordinator.ts'
import { apiVersions } from './apis/18-api-versions.ts'
import { offsetDelete } from './apis/47-offset-delete.ts'
import { consumerGroupHeartbeat } from './apis/68-consumer-group-heartbeat.ts'
import type { ApiVersion } from './api.ts'

/**
 * Bytes as the protocol's message definitions (Apache Kafka 4.0, clients/src/main/resources/common/message) require,
 * assembled by hand.
 */
const bytes = (...fields: string[]): string => fields.join('').replaceAll(' ', '')
const text = (value: string): string => Buffer.from(value).toString('hex')
const topicId = '01020304-0506-0708-090a-0b0c0d0e0f10'
const topicIdBytes = '0102030405060708090a0b0c0d0e0f10'
const noId = '00'.repeat(16)

/** A plain Uint8Array: a Buffer compares as another type. */
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString('hex')

function expectRequest<Request>(
  { request: { read, write } }: ApiVersion<Request, unknown>,
  request: NoInfer<Request>,
  expected: string,
): void {
  expect(hexOf(write(request))).toBe(expected)
  expect(read(bytesOf(expected))).toMatchObject(request as object)
}

function expectResponse<Response>(
  { response: { read, write } }: ApiVersion<unknown, unknown, unknown, Response>,
  response: NoInfer<Response>,
  expected: string,
): void {
  expect(read(bytesOf(expected))).toMatchObject(response as object)
  expect(hexOf(write(response))).toBe(expected)
}

describe('the bytes of a request', () => {
  it('ApiVersions 3', () => {
    expectRequest(
      apiVersions.at(3),
      { clientSoftwareName: 'kafkado', clientSoftwareVersion: '0' },
      bytes('08', text('kafkado'), '02', text('0'), '00'),
    )
  })

  it('Metadata 12 of a topic by name and of one by id', () => {
    expectRequest(
      metadata.at(12),
      {
        topics: [
          { topicId: null, name: 'orders' },
          { topicId, name: null },
        ],
        allowAutoTopicCreation: true,
        includeTopicAuthorizedOperations: false,
      },
      bytes('03', noId, '07', text('orders'), '00', topicIdBytes, '00', '00', '01', '00', '00'),
    )
  })

  it('Metadata 12 of all topics', () => {
    expectRequest(
      metadata.at(12),
      { topics: null, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false },
      bytes('00', '00', '00', '00'),
    )
  })

  it('Produce 12', () => {
    expectRequest(
      produce.at(12),
      {
        transactionalId: null,
        acks: -1,
        timeoutMs: 30_000,
        topics: [{ topic: 'orders', partitions: [{ partition: 3, records: new Uint8Array([9, 8, 7]) }] }],
      },
      bytes(
        '00', // transactionalId: null
        'ffff', // acks
        '00007530', // timeoutMs
        '02', // one topic
        `07${text('orders')}`,
        '02', // one partition
        '00000003',
        '04 090807', // records
        '00 00 00', // tags of the partition, the topic and the request
      ),
    )
  })

  it('Fetch 13', () => {
    const partition = {
      partition: 1,
      currentLeaderEpoch: -1,
      fetchOffset: 2 ** 40,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      partitionMaxBytes: 1_048_576,
    }
    expectRequest(
      fetch.at(13),
      {
        replicaId: -1,
        maxWaitMs: 500,
        minBytes: 1,
        maxBytes: 52_428_800,
        isolationLevel: 1,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [{ topicId, partitions: [partition] }],
        forgottenTopics: [],
        rackId: '',
      },
      bytes(
        'ffffffff 000001f4 00000001 03200000 01 00000000 ffffffff',
        `02 ${topicIdBytes} 02`,
        '00000001 ffffffff 0000010000000000 ffffffff ffffffffffffffff 00100000 00',
        '00', // tags of the topic
        '01', // no forgotten topics
        '01', // rackId: ''
        '00',
      ),
    )
  })

  it('ConsumerGroupHeartbeat 1 of who joins', () => {
    expectRequest(
      consumerGroupHeartbeat.at(1),
      {
        groupId: 'g',
        memberId: 'm',
        memberEpoch: 0,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: 300_000,
        subscribedTopicNames: ['orders'],
        subscribedTopicRegex: null,
        serverAssignor: 'uniform',
        topicPartitions: [{ topicId, partitions: [0, 1] }],
      },
      bytes(
        `02${text('g')} 02${text('m')} 00000000 00 00 000493e0`,
        `02 07${text('orders')} 00 08${text('uniform')}`,
        `02 ${topicIdBytes} 03 00000000 00000001 00`,
        '00',
      ),
    )
  })

  it('OffsetDelete 0, which has neither compact lengths nor tagged fields', () => {
    expectRequest(
      offsetDelete.at(0),
      { groupId: 'g', topics: [{ topic: 'orders', partitions: [{ partition: 1 }, { partition: 2 }] }] },
      bytes(`0001${text('g')} 00000001 0006${text('orders')} 00000002 00000001 00000002`),
    )
  })
})

describe('the bytes of a response', () => {
  it('ApiVersions 3 with the features that the cluster has agreed on', () => {
    const content = bytes(
      '0000', // errorCode
      '02 0012 0000 0004 00', // ApiVersions 0 to 4
      '00000005', // throttleTimeMs
      '04', // four tagged fields
      '00 08 02 0261 0001 0002 00', // what the broker itself supports
      '01 08 0000000000000007',
      `02 1a 02 14${text('transaction.version')} 0002 0001 00`,
      '03 01 00', // whether it is ready for a migration, of old
    )
    expect(apiVersions.at(3).response.read(bytesOf(content))).toMatchObject({
      errorCode: 0,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
      throttleTimeMs: 5,
      supportedFeatures: [{ name: 'a', minVersion: 1, maxVersion: 2 }],
      finalizedFeaturesEpoch: 7,
      finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 1 }],
    })
  })

  it('ApiVersions of a broker that does not have the version asked for, which answers in version 0', () => {
    for (const version of [0, 3, 4])
      expectResponse(
        apiVersions.at(version),
        { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 2 }] },
        bytes('0023', '00000001', '0012 0000 0002'),
      )
  })

  it('Metadata 12', () => {
    const partition = {
      errorCode: 5,
      partition: 7,
      leaderId: -1,
      leaderEpoch: 258,
      replicaNodes: [1, 2],
      isrNodes: [],
      offlineReplicas: [2],
    }
    expectResponse(
      metadata.at(12),
      {
        throttleTimeMs: 0,
        brokers: [{ nodeId: 1, host: 'b1', port: 9092, rack: null }],
        clusterId: 'c',
        controllerId: 1,
        topics: [
          {
            errorCode: 0,
            name: 'orders',
            topicId,
            isInternal: false,
            partitions: [partition],
            topicAuthorizedOperations: -(2 ** 31),
          },
          {
            errorCode: 100,
            name: null,
            topicId: null,
            isInternal: true,
            partitions: [],
            topicAuthorizedOperations: 0,
          },
        ],
      },
      bytes(
        `00000000 02 00000001 03${text('b1')} 00002384 00 00 02${text('c')} 00000001 03`,
        `0000 07${text('orders')} ${topicIdBytes} 00`,
        '02 0005 00000007 ffffffff 00000102 03 00000001 00000002 01 02 00000002 00',
        '80000000 00',
        `0064 00 ${noId} 01 01 00000000 00`,
        '00',
      ),
    )
  })

  it('Produce 12, in which a leader that moved is tagged', () => {
    const content = bytes(
      `02 07${text('orders')} 02`,
      '00000001 0006 ffffffffffffffff ffffffffffffffff 0000000000000003',
      `02 00000002 02${text('!')} 00`, // one record with an error
      `03${text('no')}`,
      '01 00 09 00000002 00000009 00', // currentLeader: id and epoch, with its own tags
      '00', // tags of the topic
      '0000000a',
      '01 00 01 01', // nodeEndpoints: none
    )
    expect(produce.at(12).response.read(bytesOf(content))).toMatchObject({
      topics: [
        {
          topic: 'orders',
          partitions: [
            {
              partition: 1,
              errorCode: 6,
              baseOffset: -1,
              logAppendTimeMs: -1,
              logStartOffset: 3,
              recordErrors: [{ batchIndex: 2, message: '!' }],
              errorMessage: 'no',
            },
          ],
        },
      ],
      throttleTimeMs: 10,
    })
  })

  it('Fetch 13', () => {
    const common = { errorCode: 0, highWatermark: 3, lastStableOffset: 2, logStartOffset: 1, preferredReadReplica: -1 }
    expectResponse(
      fetch.at(13),
      {
        throttleTimeMs: 0,
        errorCode: 0,
        sessionId: 0,
        topics: [
          {
            topicId,
            partitions: [
              {
                ...common,
                partition: 0,
                abortedTransactions: [{ producerId: 4, firstOffset: 2 }],
                records: new Uint8Array([1]),
              },
              { ...common, partition: 1, abortedTransactions: null, records: null },
            ],
          },
        ],
      },
      bytes(
        `00000000 0000 00000000 02 ${topicIdBytes} 03`,
        '00000000 0000 0000000000000003 0000000000000002 0000000000000001',
        '02 0000000000000004 0000000000000002 00 ffffffff 02 01 00',
        '00000001 0000 0000000000000003 0000000000000002 0000000000000001 00 ffffffff 00 00',
        '00 00',
      ),
    )
  })

  it('FindCoordinator 4', () => {
    expectResponse(
      findCoordinator.at(4),
      {
        throttleTimeMs: 1,
        coordinators: [
          { key: 'g', nodeId: 2, host: 'b2', port: 9093, errorCode: 0, errorMessage: null },
          { key: 'h', nodeId: -1, host: '', port: -1, errorCode: 15, errorMessage: '' },
        ],
      },
      bytes(
        `00000001 03 02${text('g')} 00000002 03${text('b2')} 00002385 0000 00 00`,
        `02${text('h')} ffffffff 01 ffffffff 000f 01 00`,
        '00',
      ),
    )
  })

  it('ConsumerGroupHeartbeat 1, with and without an assignment', () => {
    const unchanged = {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      memberId: 'm',
      memberEpoch: 4,
      heartbeatIntervalMs: 5000,
    }
    const start = `00000000 0000 00 02${text('m')} 00000004 00001388`
    expectResponse(consumerGroupHeartbeat.at(1), { ...unchanged, assignment: null }, bytes(start, 'ff', '00'))
    expectResponse(
      consumerGroupHeartbeat.at(1),
      { ...unchanged, assignment: { topicPartitions: [{ topicId, partitions: [5] }] } },
      bytes(start, `01 02 ${topicIdBytes} 02 00000005 00 00`, '00'),
    )
  })

  it('OffsetDelete 0', () => {
    expectResponse(
      offsetDelete.at(0),
      {
        errorCode: 0,
        throttleTimeMs: 2,
        topics: [{ topic: 'orders', partitions: [{ partition: 1, errorCode: 86 }] }],
      },
      bytes(`0000 00000002 00000001 0006${text('orders')} 00000001 00000001 0056`),
    )
  })
})
