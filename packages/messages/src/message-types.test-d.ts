import { describe, expectTypeOf, it } from 'vitest'
import { produce } from './apis/00-produce.ts'
import type { metadata } from './apis/03-metadata.ts'
import { describeGroups } from './apis/15-describe-groups.ts'

type Produce12 = Parameters<ReturnType<typeof produce.at<12>>['request']['write']>[0]
type Produce13 = Parameters<ReturnType<typeof produce.at<13>>['request']['write']>[0]
type AnyProduce = ReturnType<ReturnType<typeof produce.at<number>>['request']['read']>
type Metadata9 = ReturnType<ReturnType<typeof metadata.at<9>>['response']['read']>
type Metadata12 = ReturnType<ReturnType<typeof metadata.at<12>>['response']['read']>
type Metadata13 = ReturnType<ReturnType<typeof metadata.at<13>>['response']['read']>

describe('the type of a message', () => {
  it('has the fields of its version alone', () => {
    expectTypeOf<Produce12['topics'][number]>().toHaveProperty('topic')
    expectTypeOf<Produce12['topics'][number]>().not.toHaveProperty('topicId')
    expectTypeOf<Produce13['topics'][number]>().toHaveProperty('topicId')
    expectTypeOf<Produce13['topics'][number]>().not.toHaveProperty('topic')
    expectTypeOf<Metadata9['topics'][number]>().not.toHaveProperty('topicId')
    expectTypeOf<Metadata12['topics'][number]['topicId']>().toEqualTypeOf<string | null>()
    expectTypeOf<Metadata12>().not.toHaveProperty('errorCode')
    expectTypeOf<Metadata13['errorCode']>().toEqualTypeOf<number>()
  })

  it('has all fields where the version is not known beforehand', () => {
    expectTypeOf<AnyProduce['topics'][number]['topic']>().toEqualTypeOf<string>()
    expectTypeOf<AnyProduce['topics'][number]['topicId']>().toEqualTypeOf<string | null>()
    expectTypeOf<AnyProduce['topics'][number]['partitions'][number]['records']>().toEqualTypeOf<Uint8Array | null>()
  })

  it('asks for what has no default', () => {
    expectTypeOf<Produce12['transactionalId']>().toEqualTypeOf<string | null | undefined>()
    expectTypeOf<Produce12['acks']>().toEqualTypeOf<number>()
    // @ts-expect-error the topics are missing
    produce.at(12).request.write({ acks: -1, timeoutMs: 1 })
    // @ts-expect-error this version names topics
    produce.at(12).request.write({ acks: -1, timeoutMs: 1, topics: [{ topicId: null, partitions: [] }] })
    produce.at(12).request.write({ acks: -1, timeoutMs: 1, topics: [] })
    describeGroups.at(0).request.write({ groups: ['g'] })
  })
})
