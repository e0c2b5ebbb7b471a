import { InvalidRequestError } from '@kafkado/core'
import { durationOption, wholeNumber } from '../command-context.ts'
import type { Entry } from './entry.ts'

export type Value = string | number | boolean | readonly string[]

/**
 * Reads what an option or a variable says.
 *
 * @param place names it in errors
 * @throws InvalidRequestError
 */
export function readText(entry: Entry, place: string, text: string): Value {
  switch (entry.kind) {
    case 'integer':
      return within(entry, place, wholeNumber(place, text, entry.least))
    case 'duration':
      return durationOption(place, text)
    case 'boolean':
    case 'switch':
      if (text === 'true' || text === 'false') return text === 'true'
      throw new InvalidRequestError(`${place} must be true or false, got '${text}'`)
    case 'choice':
      return chosen(entry, place, text)
    case 'list':
      return listOf(text)
    case 'text':
      return text
  }
}

/** Reads a value of the file, which may be text in place of a number, as elsewhere. */
export function readValue(entry: Entry, place: string, value: unknown): Value {
  if (typeof value === 'string') return readText(entry, place, value)
  const { kind } = entry
  if (kind === 'list' && Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  if ((kind === 'boolean' || kind === 'switch') && typeof value === 'boolean') return value
  if ((kind === 'integer' || kind === 'duration') && typeof value === 'number')
    return readText(entry, place, String(value))
  throw new InvalidRequestError(`${place} must be ${meant[kind]}, got ${JSON.stringify(value)}`)
}

/** Several values with commas between them. */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

const meant: Record<Entry['kind'], string> = {
  text: 'a string',
  integer: 'a whole number',
  duration: 'milliseconds or a duration such as "30s"',
  boolean: 'true or false',
  switch: 'true or false',
  choice: 'a string',
  list: 'a list of strings',
}

function within({ least = 0, most }: Entry, place: string, number: number): number {
  if (most === undefined || number <= most) return number
  throw new InvalidRequestError(`${place} must be from ${least} to ${most}, got ${number}`)
}

function chosen({ choices = [] }: Entry, place: string, text: string): string {
  if (choices.includes(text)) return text
  throw new InvalidRequestError(`${place} must be one of ${choices.join(', ')}, got '${text}'`)
}
