import type { EventContent, EventOf } from '../../history/history-event.ts'
import { story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

export const place = { topic, topicId, partition: 0 }

export const three = (): Story => story().sends('a', { at: 0 }).sends('b', { at: 1 }).sends('d', { at: 2 })

/** A consumer begins to read all there is. */
export function begin(consumer: string, reading: Partial<EventOf<'reading'>> = {}): EventContent {
  const all = { topics: [topic], isolation: 'read_committed', from: 'earliest', isToSeeAll: true } as const
  return { type: 'reading', consumer, ...all, ...reading }
}
