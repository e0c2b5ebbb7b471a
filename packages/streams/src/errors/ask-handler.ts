import { messageOf, showValue } from '@kafkado/core/internal'

/** What a function of a user has answered, or why that is no answer. */
export type Asked<Answer> =
  | { readonly answer: Answer }
  | { readonly answer?: undefined; readonly fault: string; readonly thrown: readonly unknown[] }

/** Asks a function that decides what becomes of an error, which has to answer at once. Does not fail. */
export function askHandler<Answer extends string>(ask: () => unknown, answers: readonly Answer[]): Asked<Answer> {
  let answer: unknown
  try {
    answer = ask()
  } catch (thrown) {
    return { fault: `threw: ${messageOf(thrown)}`, thrown: [thrown] }
  }
  if (answers.includes(answer as Answer)) return { answer: answer as Answer }
  const expected = `; it has to answer one of ${answers.map((one) => `'${one}'`).join(', ')}`
  if (!(answer instanceof Promise)) return { fault: `answered ${showValue(answer)}${expected}`, thrown: [] }
  // Whatever becomes of it, this is the fault to see.
  answer.catch(() => undefined)
  return { fault: `answered with a Promise${expected}, at once`, thrown: [] }
}
