import { systemRuntime } from '@kafkado/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { engineSettings } from '../settings/engine-options.ts'
import { MemoryStorage } from '../storage/memory-storage.ts'
import { TopicRegistry } from '../topic/topic-registry.ts'
import { TopicExpressions } from './topic-expressions.ts'

describe('regular expressions are kept', () => {
  let expressions: TopicExpressions
  beforeEach(async () => {
    const settings = engineSettings({ runtime: systemRuntime })
    expressions = new TopicExpressions(new TopicRegistry(new MemoryStorage(), settings, () => undefined))
    await expressions.load()
  })

  it('when topics are looked up by them, and by no check before', () => {
    for (let index = 0; index < 100; index++) expressions.check(`orders${index}`)
    expect(expressions.size).toBe(0)
    expressions.topicNames('orders1')
    expect(expressions.size).toBe(1)
  })

  it('only the latest of many, however many members come with new ones', () => {
    for (let index = 0; index < 1000; index++) expect(expressions.topicNames(`orders${index}`)).toEqual([])
    expect(expressions.size).toBe(200)
  })
})
