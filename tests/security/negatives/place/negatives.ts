import { codeOf, type KafkaErrorName } from '@kafkado/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenBack } from './given-back.ts'
import { type Answer, errorCodesIn, messageIn, problemIn } from './answer.ts'
import { mine, pepper, theirs } from './keys.ts'
import { type PlaceOptions, SecuredPlace } from './secured-place.ts'

/** An error by its name in Kafka, or by that of kafkado where Kafka has none. */
type OwnError = 'OVERLOADED' | 'NOT_READY' | 'SERVER_CLOSING'
export type ErrorName = KafkaErrorName | OwnError
const ownErrors: ReadonlySet<string> = new Set<OwnError>(['OVERLOADED', 'NOT_READY', 'SERVER_CLOSING'])

/** What is sent, as bytes, or what does it: then its last answer is the one that matters. */
export type Attack = string | ((place: SecuredPlace) => string | Promise<string | readonly Answer[]>)

/**
 * Something that must not succeed: the status and error of its answer, and what is sent. With status 200 the error is
 * that of each part of the answer. The last is what the refusal says.
 */
export type Negative = readonly [what: string, status: number, error: ErrorName, attack: Attack, detail?: RegExp]

/**
 * Of the thread that serves everyone, for the attack and the next request of a neighbour. By the time of a core, as a
 * machine may have other things to do.
 */
const mostMsOfThread = 1000
/** Whoever gets no answer waits as long. It is a matter of milliseconds. */
const mostMsOfCase = 20_000

/**
 * Each is refused as it says, changes nothing, and leaves a neighbour served in time; in the end everything is given
 * back that they held.
 */
export function negatives(title: string, cases: readonly Negative[], options: PlaceOptions = {}): void {
  describe(title, () => {
    let place: SecuredPlace
    let before: string
    beforeAll(async () => {
      place = await SecuredPlace.open(options)
      before = await place.snapshot()
    })
    afterAll(() => place.close())

    const titled = cases.map(([what, ...rest]) => [what, rest[0], rest[1], rest[2], rest[3] ?? /./] as const)
    it.each(titled)('%s: %i %s', { timeout: mostMsOfCase }, async (_what, status, error, attack, detail) => {
      const spent = process.threadCpuUsage()
      const sent = typeof attack === 'string' ? attack : await attack(place)
      const answers = typeof sent === 'string' ? await place.ask(sent) : sent
      await place.letGo()
      await place.serveNeighbour()
      const { user, system } = process.threadCpuUsage(spent)
      const answer = answers.at(-1)
      if (!answer) throw new Error('the server gave no answer')
      expect({ status: answer.status, error: errorIn(answer, error) }).toEqual({ status, error: [error] })
      requireClean(answer, detail)
      expect((user + system) / 1000).toBeLessThan(mostMsOfThread)
      const [was, now] = [before, await place.snapshot()]
      before = now
      expect(now).toBe(was)
      if (!options.isFaultTold) expect(place.logged.filter(({ level }) => level === 'error')).toEqual([])
      expect(Object.keys(Object.prototype)).toEqual([])
    })

    it(givenBack, () => place.requireReturned())
  })
}

/** The errors of an answer, by their names. */
function errorIn(answer: Answer, expected: ErrorName): readonly (string | number)[] {
  const problem = problemIn(answer)
  if (problem) return [nameOf(problem.kafkaCode, expected) ?? problem.code]
  const codes = answer.status === 200 ? errorCodesIn(messageIn(answer)) : []
  return [...new Set(codes)].map((code) => nameOf(code, expected) ?? code)
}

function nameOf(kafkaCode: number | undefined, expected: ErrorName): string | number | undefined {
  if (kafkaCode === undefined) return undefined
  return !ownErrors.has(expected) && codeOf(expected as KafkaErrorName) === kafkaCode ? expected : kafkaCode
}

/** A refusal says what is wrong, that nothing was done, and nothing that its reader must not know. */
function requireClean(answer: Answer, detail: RegExp): void {
  const text = JSON.stringify(answer)
  const problem = problemIn(answer)
  if (problem) {
    expect(problem.detail).toMatch(detail)
    expect(problem).toMatchObject({ status: answer.status, outcome: 'failed' })
    const id = answer.headers['x-request-id']
    if (id !== undefined) expect(problem.requestId).toBe(id)
  } else if (detail.source !== '.') expect(text).toMatch(detail)
  const secrets = [mine.secret, theirs.secret, pepper, ...theirs.key.hashes].filter((one) => text.includes(one))
  expect(secrets).toEqual([])
  expect(text).not.toMatch(/    at |node_modules|\/packages\//)
}
