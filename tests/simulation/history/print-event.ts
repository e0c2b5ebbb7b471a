import type { HistoryEvent } from './history-event.ts'

/** Where a partition, an offset or a record is told in one word: `orders/0@12="v7"`. */
interface Place {
  readonly topic?: string
  readonly topicId?: string
  readonly partition?: number
  readonly offset?: number
  readonly value?: string
}

const stampFields = new Set(['sequence', 'atMs', 'process', 'type'])
const recordFields = new Set(['topic', 'topicId', 'partition', 'offset', 'value'])

/**
 * An event as one line for people. The fields stand in the order of the alphabet, so the same event is always the same
 * line.
 */
export function printEvent(event: HistoryEvent): string {
  const stamp = `#${event.sequence} ${event.atMs}ms ${event.process} ${event.type}`
  const hasPlace = 'topic' in event && event.topic !== undefined
  const place = hasPlace ? ` ${printPlace(event as Place)}` : ''
  const isSaid = (field: string): boolean => stampFields.has(field) || (hasPlace && recordFields.has(field))
  return stamp + place + printFields(event, isSaid)
}

function printFields(value: object, isLeftOut: (field: string) => boolean): string {
  let line = ''
  for (const field of Object.keys(value).sort()) {
    const content = (value as Record<string, unknown>)[field]
    if (content !== undefined && !isLeftOut(field)) line += ` ${field}=${printValue(content)}`
  }
  return line
}

function printValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if ('topic' in value) return printPlace(value as Place) + printFields(value, (field) => recordFields.has(field))
  return `{${printFields(value, () => false).trim()}}`
}

function printPlace({ topic, topicId, partition, offset, value }: Place): string {
  const identity = topicId === undefined ? '' : `#${topicId}`
  const log = partition === undefined ? '' : `/${partition}`
  const record = value === undefined ? '' : `=${JSON.stringify(value)}`
  return `${topic}${identity}${log}${offset === undefined ? '' : `@${offset}`}${record}`
}
