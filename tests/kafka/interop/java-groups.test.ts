import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { hasJava } from './java-peer.ts'
import { JavaSide } from './java-side.ts'
import { JavaMember, OurMember } from './members.ts'
import { assignmentsOf, OurSide } from './our-side.ts'
import { Seen, type SeenRecord } from './seen.ts'

const partitions = [0, 1, 2, 3]

/** The places of what several members have handled, sorted; one that was handled twice is there twice. */
function handledBy(...members: readonly { readonly records: readonly SeenRecord[] }[]): string[] {
  return members.flatMap(({ records }) => records.map(({ partition, offset }) => `${partition} at ${offset}`)).sort()
}

describe.skipIf(!hasJava())("groups, and Apache Kafka's Java consumer", () => {
  let ours: OurSide
  let java: JavaSide

  beforeAll(() => {
    const { bootstrapServers } = inject('kafka')
    ours = new OurSide(bootstrapServers)
    java = new JavaSide(bootstrapServers)
  })
  afterAll(async () => {
    await java[Symbol.asyncDispose]()
    await ours[Symbol.asyncDispose]()
  })

  /** As many to each partition. @returns their places, sorted */
  async function write(topic: string, count: number): Promise<string[]> {
    const value = new TextEncoder().encode('value')
    const messages = Array.from({ length: count }, (_, index) => ({ value, partition: index % partitions.length }))
    return handledBy({ records: await ours.write(topic, messages) })
  }

  const timeout = 120_000
  it('in one group ours and one of Java share the partitions and take over from each other', { timeout }, async () => {
    const topic = await ours.newTopic('shared', { partitions: partitions.length })
    const group = ours.name('shared')
    // Brokers of others may not allow it, and then each step takes two of their intervals.
    await java.configureGroup(group, { 'consumer.heartbeat.interval.ms': '200' }).catch(() => undefined)
    const seen = new Seen()
    const javaConfig = { 'group.id': group, 'group.protocol': 'consumer', 'auto.offset.reset': 'earliest' }
    const untilShared = async (...members: { partitions: number[] }[]): Promise<void> => {
      await seen.until(() => members.every((member) => member.partitions.length === 2), 'both own two partitions')
      expect(new Set(members.flatMap((member) => member.partitions))).toEqual(new Set(partitions))
    }

    await using our = new OurMember(ours, topic, { group }, seen)
    await using first = await JavaMember.open(java, topic, { ...javaConfig, 'client.id': 'java-first' }, seen)
    await untilShared(our, first)
    const written = await write(topic, 200)
    await seen.until(() => handledBy(our, first).length >= written.length, 'both have handled what they share')
    expect(handledBy(our, first)).toEqual(written)
    expect([our.records.length, first.records.length]).toEqual([100, 100])

    const described = await ours.stableGroup(group)
    expect(described.members.map(({ topics }) => topics)).toEqual([[topic], [topic]])
    const owned = [our, first].map((member) => [{ topic, partitions: member.partitions }])
    expect(assignmentsOf(described)).toEqual(expect.arrayContaining(owned))
    const { members, ...rest } = await java.describeGroup(group)
    expect(rest).toEqual({ type: 'Consumer', state: 'Stable' })
    expect(members).toHaveLength(2)
    expect(members).toContainEqual({ clientId: 'kafkado', partitions: our.partitions })
    expect(members).toContainEqual({ clientId: 'java-first', partitions: first.partitions })

    await first[Symbol.asyncDispose]()
    await seen.until(() => our.partitions.length === 4, 'ours takes over what Java has left')
    written.push(...(await write(topic, 200)))
    await seen.until(() => handledBy(our, first).length >= written.length, 'ours has handled the rest')
    expect(handledBy(our, first)).toEqual(written.toSorted())
    expect(first.records.length).toBe(100)

    await using second = await JavaMember.open(java, topic, { ...javaConfig, 'client.id': 'java-second' }, seen)
    await untilShared(our, second)
    await our[Symbol.asyncDispose]()
    await seen.until(() => second.partitions.length === 4, 'Java takes over what ours has left')
    written.push(...(await write(topic, 200)))
    await seen.until(() => handledBy(our, first, second).length >= written.length, 'Java has handled the rest')
    await second[Symbol.asyncDispose]()
    // At the end, so that one which was read again after some change would be here twice.
    expect(handledBy(our, first, second)).toEqual(written.toSorted())
    expect(second.records.length).toBe(200)

    const ends = partitions.map((partition) => ({ topic, partition, offset: 150 }))
    expect((await java.groupOffsets(group)).sort((left, right) => left.partition - right.partition)).toEqual(ends)
    const { offsets, state, totalLag } = await ours.admin.describeGroup(group)
    expect(offsets.map(({ committed }) => committed)).toEqual([150, 150, 150, 150])
    expect({ state, totalLag }).toEqual({ state: 'Empty', totalLag: 0 })
  })

  it('a classic group of Java and a group of ours each get everything, and our admin client describes both', async () => {
    const topic = await ours.newTopic('beside', { partitions: partitions.length })
    const groups = { our: ours.name('beside-ours'), classic: ours.name('beside-classic') }
    const seen = new Seen()
    const javaConfig = { 'group.id': groups.classic, 'group.protocol': 'classic', 'auto.offset.reset': 'earliest' }
    await using our = new OurMember(ours, topic, { group: groups.our }, seen)
    await using first = await JavaMember.open(java, topic, javaConfig, seen)
    await seen.until(() => first.partitions.length === 4, 'the first of Java owns all')
    await using second = await JavaMember.open(java, topic, javaConfig, seen)
    await seen.until(
      () => our.partitions.length === 4 && first.partitions.length === 2 && second.partitions.length === 2,
      'the second of Java owns half, and ours all',
    )
    const written = await write(topic, 200)
    await seen.until(
      () => handledBy(our).length >= 200 && handledBy(first, second).length >= 200,
      'both groups have handled everything',
    )
    expect(handledBy(our)).toEqual(written)
    expect(handledBy(first, second)).toEqual(written)

    const described = await ours.stableGroup(groups.classic)
    expect(described.state).toBe('Stable')
    expect(described.members.map(({ topics }) => topics)).toEqual([[topic], [topic]])
    const owned = [first, second].map((member) => [{ topic, partitions: member.partitions }])
    expect(assignmentsOf(described)).toEqual(expect.arrayContaining(owned))
    expect((await ours.stableGroup(groups.our)).members).toMatchObject([
      { topics: [topic], assignment: [{ topic, partitions }] },
    ])
    const listed = await ours.admin.listGroups()
    expect(listed).toContainEqual({ id: groups.classic, state: 'Stable' })
    expect(listed).toContainEqual({ id: groups.our, state: 'Stable' })

    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
    const left = await ours.admin.describeGroup(groups.classic)
    expect(left).toMatchObject({ state: 'Empty', members: [], totalLag: 0 })
    expect(left.offsets.map(({ committed }) => committed)).toEqual([50, 50, 50, 50])
  })
})
