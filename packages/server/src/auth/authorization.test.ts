import { initProducerId, listGroups, metadata, offsetFetch, produce } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { may } from '../../test/secured-server.ts'
import { anonymous, authorize, conceal } from './authorization.ts'
import { isAllowed, isAllowedEverywhere, isAllowedSomewhere, type Scope } from './scopes.ts'

const keyWith = (...scopes: Scope[]) => ({ keyId: 'k', scopes })
const prefix = (scope: Scope): Scope => ({ ...scope, pattern: 'prefix' })
const deny = (scope: Scope): Scope => ({ ...scope, effect: 'deny' })

describe('scopes', () => {
  it.each<[string, Scope[], Scope['operation'], string, boolean]>([
    ['nothing allows nothing', [], 'read', 'a', false],
    ['a literal allows its name', [may('read', 'a')], 'read', 'a', true],
    ['a literal allows no longer name', [may('read', 'a')], 'read', 'ab', false],
    ['a prefix allows longer names', [prefix(may('read', 'a'))], 'read', 'ab', true],
    ['a star allows every name', [may('read', '*')], 'read', 'a', true],
    ['a star as prefix is only a star', [prefix(may('read', '*'))], 'read', 'a', false],
    ['one operation allows no other', [may('read', 'a')], 'write', 'a', false],
    ['all allows each', [may('all', 'a')], 'alterConfigs', 'a', true],
    ['read includes describe', [may('read', 'a')], 'describe', 'a', true],
    ['describe includes nothing', [may('describe', 'a')], 'read', 'a', false],
    ['create does not include describe', [may('create', 'a')], 'describe', 'a', false],
    ['alterConfigs includes describeConfigs', [may('alterConfigs', 'a')], 'describeConfigs', 'a', true],
    [
      'a denial wins, whatever its place',
      [may('all', 'a'), deny(may('read', 'a')), may('read', 'a')],
      'read',
      'a',
      false,
    ],
    ['a denial of one operation leaves others', [may('all', 'a'), deny(may('read', 'a'))], 'write', 'a', true],
    ['a denial of read does not deny describe', [may('all', 'a'), deny(may('read', 'a'))], 'describe', 'a', true],
    ['a denial of all denies each', [may('read', 'a'), deny(may('all', '*'))], 'read', 'a', false],
    ['a group is no topic', [may('read', 'a', 'group')], 'read', 'a', false],
  ])('%s', (_, scopes, operation, name, expected) => {
    expect(isAllowed(scopes, { operation: operation as 'read', resource: 'topic', name })).toBe(expected)
  })

  it('allow everywhere only without an exception', () => {
    expect(isAllowedEverywhere([may('read', '*')], 'topic', 'describe')).toBe(true)
    expect(isAllowedEverywhere([prefix(may('all', ''))], 'topic', 'describe')).toBe(true)
    expect(isAllowedEverywhere([prefix(may('read', 'a'))], 'topic', 'describe')).toBe(false)
    expect(isAllowedEverywhere([may('all', '*'), deny(may('describe', 'secret'))], 'topic', 'describe')).toBe(false)
  })
})

describe('what is allowed somewhere is what no denial takes back as a whole, as in Kafka', () => {
  it.each<[string, Scope[], boolean]>([
    ['nothing', [], false],
    ['a name', [may('write', 'a')], true],
    ['a name of another operation', [may('read', 'a')], false],
    ['a name that is denied', [may('write', 'a'), deny(may('write', 'a'))], false],
    ['a name under a prefix that is denied', [may('write', 'ab'), deny(prefix(may('all', 'a')))], false],
    ['a name beside one that is denied', [may('write', 'a'), deny(may('write', 'b'))], true],
    ['a name of which another operation is denied', [may('write', 'a'), deny(may('read', 'a'))], true],
    ['a name of which a group is denied', [may('write', 'a'), deny(may('write', 'a', 'group'))], true],
    ['a prefix of which one name is denied', [prefix(may('write', 'a')), deny(may('write', 'a'))], true],
    ['a prefix under one that is denied', [prefix(may('write', 'ab')), deny(prefix(may('write', 'a')))], false],
    ['a prefix above one that is denied', [prefix(may('write', 'a')), deny(prefix(may('write', 'ab')))], true],
    ['everything but a prefix', [may('write', '*'), deny(prefix(may('write', 'a')))], true],
    ['everything but what begins with a star', [may('write', '*'), deny(prefix(may('write', '*')))], true],
    ['everything, all of it denied', [may('write', '*'), deny(prefix(may('all', '')))], false],
    ['a prefix, everything denied', [prefix(may('write', 'a')), deny(may('all', '*'))], false],
    ['what is left of two', [may('write', 'a'), may('write', 'b'), deny(may('write', 'a'))], true],
  ])('%s', (_, scopes, expected) => {
    expect(isAllowedSomewhere(scopes, 'topic', 'write')).toBe(expected)
  })
})

describe('a key', () => {
  const topicOf = (topic: string) => ({ errorCode: 0, topic, topicId: null, isInternal: false, partitions: [] })

  it('sees in listings only what it may describe', () => {
    const key = keyWith(may('read', 'a'), may('describe', 'g', 'group'))
    const response = {
      throttleTimeMs: 0,
      clusterId: null,
      controllerId: 0,
      brokers: [],
      topics: [topicOf('a'), topicOf('b')],
    }
    expect(conceal(key, metadata, response).topics.map(({ topic }) => topic)).toEqual(['a'])
    expect(conceal(anonymous, metadata, response)).toBe(response)
    const groupOf = (groupId: string) => ({ groupId, protocolType: '', groupState: '', groupType: '' })
    const groups = conceal(key, listGroups, { throttleTimeMs: 0, groups: [groupOf('g'), groupOf('h')] })
    expect(groups.groups.map(({ groupId }) => groupId)).toEqual(['g'])
    const offsets = {
      throttleTimeMs: 0,
      topics: [
        { topic: 'a', partitions: [] },
        { topic: 'b', partitions: [] },
      ],
    }
    expect(conceal(key, offsetFetch, offsets).topics).toEqual([{ topic: 'a', partitions: [] }])
  })

  it('makes no topic by asking for it, unless it may create it', () => {
    const request = { topics: ['a'], allowAutoTopicCreation: true }
    expect(authorize(keyWith(may('read', 'a')), metadata, request).allowAutoTopicCreation).toBe(false)
    expect(authorize(keyWith(may('read', 'a'), may('create', 'a')), metadata, request).allowAutoTopicCreation).toBe(
      true,
    )
  })

  it('makes no topic by writing to it, unless it may create it', () => {
    const topics = ['a', 'b'].map((topic) => ({ topic, partitions: [] }))
    const request = { topics, transactionalId: null, acks: -1, timeoutMs: 1 }
    const mayWrite = [may('write', 'a'), may('write', 'b'), may('create', 'a')]
    expect(authorize(keyWith(...mayWrite), produce, request).allowAutoTopicCreation).toBe(false)
    expect(authorize(keyWith(...mayWrite, may('create', 'b')), produce, request)).toBe(request)
    expect(authorize(anonymous, produce, request)).toBe(request)
  })

  it('gets a producer id when it may produce somewhere', () => {
    const request = { transactionalId: null, transactionTimeoutMs: 1, producerId: -1, producerEpoch: -1 }
    expect(authorize(keyWith(may('write', 'a')), initProducerId, request)).toBe(request)
    const transactional = { ...request, transactionalId: 't' }
    expect(authorize(keyWith(may('write', 't', 'transactionalId')), initProducerId, transactional)).toBe(transactional)
  })

  it.each([
    [
      { topics: [{ topic: 'b', partitions: [] }], transactionalId: null },
      29,
      /API key 'k' has no scope to write topic 'b'/,
    ],
    [{ topics: [], transactionalId: 't' }, 53, /write transactionalId 't'/],
  ])('is told what it lacks, with the code of Kafka', (request, kafkaCode, message) => {
    const attempt = () => authorize(keyWith(may('write', 'a')), produce, { ...request, acks: -1, timeoutMs: 1 })
    expect(attempt).toThrow(message)
    expect(attempt).toThrow(expect.objectContaining({ kafkaCode }) as Error)
  })
})
