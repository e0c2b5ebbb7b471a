import { messageOf, showValue } from '@kafkado/core/internal'

/** The answer of a user's function, or why it is not valid. */
export type Asked<Answer> =
  | { readonly answer: Answer }
  | { readonly answer?: undefined; readonly fault: string; readonly thrown: readonly unknown[] }

/** Asks the function that decides about an error. It must answer at once. Does not fail. */
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
  // Whatever the promise does, this error matters more.
  answer.catch(() => undefined)
  return { fault: `answered with a Promise${expected}, at once`, thrown: [] }
}
