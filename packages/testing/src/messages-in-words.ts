import type { AnyKafkaRecord } from '@kafkado/core'
import { showValue } from '@kafkado/core/internal'

/** The most messages to list. */
const mostListed = 10

/** The messages of a topic for an error, one a line; the newest if there are many. */
export function listMessages(topic: string, messages: readonly AnyKafkaRecord[]): string {
  if (messages.length === 0) return `nothing was written to topic '${topic}'`
  const left = messages.length - mostListed
  const many = left > 0 ? `, of which these are the last ${mostListed}` : ''
  const lines = messages.slice(-mostListed).map((message) => `  ${messageInWords(message)}`)
  return `topic '${topic}' has ${count(messages.length, 'message')}${many}:\n${lines.join('\n')}`
}

/** A message on one line. */
export function messageInWords(message: AnyKafkaRecord): string {
  const { partition, offset, key, value, headers } = message.toJSON()
  const parts = [`key ${showValue(key)}`, `value ${showValue(value)}`]
  if (Object.keys(headers).length > 0) parts.push(`headers ${showValue(headers)}`)
  return `partition ${partition} offset ${offset}: ${parts.join(', ')}`
}

/** `1 message`, `2 messages`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
