import type { EventOf } from '../history/history-event.ts'
import type { FinalRecord } from '../history/log-events.ts'
import { countedOf, isCommitted, isSetAsideBy } from '../history/pipelines.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'

export const wrongOutput: Anomaly = {
  kind: 'wrong-output',
  meaning:
    'what a pipeline has written is not what its input makes: an input is missing, counted twice, or was never there',
  *find(facts) {
    for (const pipeline of facts.of('pipeline')) {
      const outputs = committedIn(facts, pipeline.output).filter(({ value }) =>
        value.startsWith(`${pipeline.pipeline}:`),
      )
      if (pipeline.transform === 'join') yield* joins(facts, pipeline, outputs)
      else yield* pipeline.transform === 'copy' ? copies(facts, pipeline, outputs) : counts(facts, pipeline, outputs)
      yield* setAside(facts, pipeline)
    }
  },
}

/** What readers of committed records find in a topic in the end. */
function committedIn(facts: Facts, topic: string): readonly FinalRecord[] {
  const logs = facts.of('final-log').filter((log) => log.topic === topic)
  return logs.flatMap(({ records }) => records.filter(isCommitted))
}

/** What the pipeline has to process. */
function inputsOf(facts: Facts, pipeline: EventOf<'pipeline'>): readonly FinalRecord[] {
  return committedIn(facts, pipeline.input).filter((record) => !isSetAsideBy(pipeline, record))
}

function* copies(facts: Facts, pipeline: EventOf<'pipeline'>, outputs: readonly FinalRecord[]): Iterable<Finding> {
  const counted = new Map<string, number>()
  for (const { value } of outputs) counted.set(value, (counted.get(value) ?? 0) + 1)
  const expected = new Set<string>()
  for (const { value } of inputsOf(facts, pipeline)) {
    const output = `${pipeline.pipeline}:${value}`
    expected.add(output)
    const count = counted.get(output) ?? 0
    const send = facts.sends.get(value)?.send
    if (count === 0 && facts.end && !mayLackOutput(facts, pipeline))
      yield finding(`"${value}" of ${pipeline.input} made nothing in ${pipeline.output}`, pipeline, send)
    if (count > 1 && pipeline.guarantee === 'exactly-once' && !mayLackOutput(facts, pipeline))
      yield finding(`"${value}" of ${pipeline.input} made ${count} records in ${pipeline.output}`, pipeline, send)
  }
  for (const [output] of counted) {
    if (expected.has(output)) continue
    const value = output.slice(pipeline.pipeline.length + 1)
    const sent = facts.sends.get(value)
    // Its input may have been removed since.
    const isProcessed = !isSetAsideBy(pipeline, { value })
    if (isProcessed && sent && sent.transaction?.ended?.outcome !== 'aborted' && sent.sent?.outcome !== 'failed')
      continue
    const sentence = `"${output}" is in ${pipeline.output}, and nothing in ${pipeline.input} makes it`
    yield finding(sentence, pipeline, sent?.send)
  }
}

/** Counts of a key go up by one with each input; in between some may be left out, at the end they are all counted. */
function* counts(facts: Facts, pipeline: EventOf<'pipeline'>, outputs: readonly FinalRecord[]): Iterable<Finding> {
  const inputs = new Map<string, number>()
  for (const record of inputsOf(facts, pipeline)) {
    const key = countedOf(pipeline, record)
    if (key !== undefined) inputs.set(key, (inputs.get(key) ?? 0) + 1)
  }
  const last = new Map<string, number>()
  for (const { value } of outputs) {
    const [, key, count] = /^[^:]*:(.*):(\d+)$/.exec(value) ?? []
    if (key === undefined) {
      yield finding(`"${value}" in ${pipeline.output} is no count`, pipeline)
      continue
    }
    const previous = last.get(key) ?? 0
    const isExact = pipeline.guarantee === 'exactly-once'
    // Without it, a member that stood still may tell an old count after the others have gone on.
    last.set(key, isExact ? Number(count) : Math.max(Number(count), previous))
    if (Number(count) <= previous && isExact)
      yield finding(`the count of "${key}" in ${pipeline.output} goes from ${previous} to ${count}`, pipeline)
  }
  if (mayLackOutput(facts, pipeline)) return
  for (const key of new Set([...inputs.keys(), ...last.keys()])) {
    const [count, there] = [last.get(key) ?? 0, inputs.get(key) ?? 0]
    const isShort = count < there && facts.end !== undefined
    if (isShort || (count > there && pipeline.guarantee === 'exactly-once'))
      yield finding(`"${key}" was counted ${count} times, and is there ${there} times`, pipeline, facts.end)
  }
}

/** Each input once, with a row of its key; rows never go back. */
function* joins(facts: Facts, pipeline: EventOf<'pipeline'>, outputs: readonly FinalRecord[]): Iterable<Finding> {
  const isExact = pipeline.guarantee === 'exactly-once'
  const rows = new Map(committedIn(facts, pipeline.table ?? '').map((row) => [row.value, row]))
  const newest = new Map<string, number>()
  const joined: FinalRecord[] = []
  for (const record of outputs) {
    const [, value = '', row = ''] = /^(.*):([^:]*)$/.exec(record.value) ?? []
    joined.push({ ...record, value })
    const found = rows.get(row)
    const key = record.key ?? ''
    const previous = newest.get(key) ?? -1
    newest.set(key, found?.offset ?? -1)
    if (row !== '-' && found?.key !== record.key)
      yield finding(`"${record.value}" in ${pipeline.output} has a row that "${key}" never had`, pipeline)
    else if (isExact && (found?.offset ?? -1) < previous)
      yield finding(`"${record.value}" in ${pipeline.output} has an older row than the one before it`, pipeline)
  }
  yield* copies(facts, pipeline, joined)
}

/** What it cannot process is a dead letter each. */
function* setAside(facts: Facts, pipeline: EventOf<'pipeline'>): Iterable<Finding> {
  const { deadTopic, input, guarantee } = pipeline
  if (deadTopic === undefined || mayLackOutput(facts, pipeline)) return
  const letters = facts.of('dead-letters').filter(({ topic }) => topic === deadTopic)
  const committed = Map.groupBy(
    letters.flatMap(({ records }) => records.filter(isCommitted)),
    ({ value }) => value,
  )
  for (const record of committedIn(facts, input).filter((one) => isSetAsideBy(pipeline, one))) {
    const count = committed.get(record.value)?.length ?? 0
    const send = facts.sends.get(record.value)?.send
    if (count === 0 && facts.end) yield finding(`"${record.value}" of ${input} made no dead letter`, pipeline, send)
    if (count > 1 && guarantee === 'exactly-once')
      yield finding(`"${record.value}" of ${input} made ${count} dead letters`, pipeline, send)
  }
}

/**
 * Records that were removed, topics that were made anew, and positions that were set leave gaps that nobody can account
 * for.
 */
function mayLackOutput(facts: Facts, { input, output, group }: EventOf<'pipeline'>): boolean {
  const hasGaps = (topic: string): boolean => {
    const named = facts.topics.named(topic)
    if (named.some(({ isDeleted, isCompacted }) => isDeleted || isCompacted)) return true
    return facts.of('final-log').some((log) => log.topic === topic && log.logStartOffset > 0)
  }
  const isReset = facts.of('offsets-reset').some((reset) => reset.group === group)
  return isReset || hasGaps(input) || hasGaps(output)
}
