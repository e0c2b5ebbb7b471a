import type { ResetPosition } from '@kafkado/admin'
import { InvalidRequestError } from '@kafkado/core'
import { timeOf, wholeNumber } from './command-context.ts'

/** Where a group continues. @throws InvalidRequestError when the string names no position */
export function positionOf(text: string): ResetPosition {
  if (text === 'earliest' || text === 'latest') return text
  if (/^\d+$/.test(text)) return { offset: wholeNumber('position', text) }
  const timestamp = timeOf(text)
  if (timestamp !== undefined) return { timestamp }
  throw new InvalidRequestError(`the position must be earliest, latest, an offset or a time, got '${text}'`)
}
