import { KafkaError } from '@kafkado/core'
import { expect, it } from 'vitest'
import { allMakers, allMoments, DeletedRepartition, guarantees, type Situation } from './deleted-repartitions.ts'

const named = { reads: 'a topic', gone: 'records' } as const
const situations: Situation[] = guarantees.flatMap((guarantee) =>
  [1, 2].flatMap((members) =>
    allMoments.flatMap((moment) =>
      allMakers.flatMap((maker) =>
        (['earliest', 'latest'] as const).map((offset) => ({ guarantee, members, moment, maker, offset, ...named })),
      ),
    ),
  ),
)
const ofPatterns = situations
  .filter(({ maker, offset }) => maker === 'nobody' && offset === 'earliest')
  .flatMap((situation): Situation[] => [
    { ...situation, reads: 'a pattern' },
    { ...situation, reads: 'a pattern', gone: 'tasks' },
  ])
  .filter(({ moment, gone }) => gone === 'records' || moment !== 'writing to it')
const isUsable = ({ maker }: Situation): boolean => maker !== 'somebody with others'
const title = '$guarantee, $members, $moment, $maker, $offset, $reads, $gone'

it.each([...situations.filter(isUsable), ...ofPatterns])(
  `a repartition topic that is deleted is there again as it was, and the application goes on and tells of it: ${title}`,
  async (situation) => {
    const run = new DeletedRepartition(situation)
    await run.begin()
    await run.delete()
    // Even while nobody writes to it: its tasks may have more to do than reading it.
    if (situation.moment === 'idle') await run.inTime(() => run.isThere())
    if (situation.moment === 'idle') expect(await run.isThere()).toBe(true)
    await run.round()
    expect(await run.topic()).toEqual({ partitions: 3, retention: '-1' })
    const tellers = situation.gone === 'records' ? situation.members : 0
    await run.inTime(() => run.errors.length === tellers)
    expect(run.errors.map(({ state }) => state)).toEqual(Array(tellers).fill('running'))
    for (const { error } of run.errors) {
      expect(error).toBeInstanceOf(KafkaError)
      expect(error).toMatchObject({ code: 'REPARTITION_TOPIC_DELETED', retriable: false, outcome: 'unknown' })
      expect(String(error)).toMatch(/'app-by-group-repartition'.* lost/)
    }
    await run.leave()
    if (situation.members === 1) await run.start()
    await run.round()
    expect(run.states).toEqual(['running'])
    await run.close()
  },
)

it.each(situations.filter((one) => !isUsable(one)))(
  `one that somebody makes again with other partitions ends the application with what has to be done: ${title}`,
  async (situation) => {
    const run = new DeletedRepartition(situation)
    await run.begin()
    await run.delete()
    await run.inTime(() => run.states.every((state) => state === 'failed'))
    expect(run.states).toEqual(Array(situation.members).fill('failed'))
    expect(String(run.errors.at(-1)?.error)).toMatch(
      /'app-by-group-repartition' .*1 partition.* needs 3.*Stop all members, delete the topic/,
    )
    await run.close()
  },
)

it.each(situations.filter(({ maker, offset }) => maker === 'nobody' && offset === 'earliest'))(
  `is tried again where it cannot be made for a while, and what will not change ends the application: ${title}`,
  async (situation) => {
    const refusal = (retriable: boolean): KafkaError =>
      new KafkaError('no topic is made', { code: 'REFUSED', retriable, outcome: 'failed' })
    const run = new DeletedRepartition(situation)
    await run.begin()
    run.refusals.push(...Array.from({ length: 5 }, () => refusal(true)))
    await run.delete()
    await run.round()
    expect(run.refusals).toEqual([])
    run.refusals.push(...Array.from({ length: 100 }, () => refusal(false)))
    await run.delete()
    await run.inTime(() => run.states.every((state) => state === 'failed'))
    expect(run.states).toEqual(Array(situation.members).fill('failed'))
    expect(String(run.errors.at(-1)?.error)).toMatch(/no topic is made/)
    await run.close()
  },
)
