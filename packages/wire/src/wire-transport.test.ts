import { capabilities } from '@kafkado/core'
import { allOperations } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { startCluster } from '../test/fake-cluster.ts'
import { describeConfigsApi } from './operations/32-describe-configs.ts'

const config = (name: string, value: string | null) => ({
  name,
  value,
  readOnly: false,
  configSource: 5,
  isSensitive: false,
  synonyms: [],
  configType: 3,
  documentation: null,
})

const described =
  (configs: ReturnType<typeof config>[], errorCode = 0) =>
  () => ({
    throttleTimeMs: 0,
    results: [{ errorCode, errorMessage: null, resourceType: 4, resourceName: '1', configs }],
  })

describe('a transport to brokers', () => {
  it('says what stands behind it, and carries out every operation that there is', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.broker(1).once(describeConfigsApi, described([config('message.max.bytes', '2000000')]))
    const answer = await transport.send(capabilities, {})
    expect(answer).toEqual({
      server: 'Apache Kafka, cluster fake',
      storage: 'kafka',
      operations: expect.any(Array) as string[],
      maxMessageBytes: 2_000_000,
    })
    expect(answer.operations.toSorted()).toEqual(allOperations.map(({ name }) => name).toSorted())
    expect(cluster.broker(1).requestsOf(describeConfigsApi)).toEqual([
      {
        resources: [{ resourceType: 4, resourceName: '1', configurationKeys: ['message.max.bytes'] }],
        includeSynonyms: false,
        includeDocumentation: false,
      },
    ])
  })

  it.each([
    ['it does not show', described([config('message.max.bytes', null)])],
    ['nobody may see', described([], 31)],
  ])('takes the default for a greatest batch that %s', async (_, script) => {
    const { cluster, transport } = await startCluster(1)
    cluster.broker(1).once(describeConfigsApi, script)
    expect(await transport.send(capabilities, {})).toMatchObject({ maxMessageBytes: 1_048_588 })
  })

  it('refuses an operation that it does not know, without asking anybody', async () => {
    const { cluster, transport } = await startCluster(1)
    const unknown = { ...capabilities, name: 'defragment' }
    await expect(transport.send(unknown, {})).rejects.toMatchObject({
      code: 'UNSUPPORTED_VERSION',
      message: expect.stringContaining('defragment') as string,
    })
    expect(cluster.broker(1).connectionCount).toBe(0)
  })

  it.each(allOperations.map((operation) => [operation.name, operation] as const))(
    'refuses a %s request that is none, without asking anybody',
    async (name, operation) => {
      const { cluster, transport } = await startCluster(1)
      for (const request of [undefined, [], 'orders', { topics: [{ topic: 5n }], groupId: Number.NaN }]) {
        if (name === 'capabilities' && typeof request === 'object' && !Array.isArray(request)) continue
        await expect(transport.send(operation, request)).rejects.toMatchObject({
          code: 'INVALID_REQUEST',
          outcome: 'failed',
          message: expect.stringContaining(`the ${name} request is not valid: `) as string,
        })
      }
      expect(cluster.broker(1).connectionCount).toBe(0)
    },
  )
})
