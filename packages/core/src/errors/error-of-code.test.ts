import { expect, it } from 'vitest'
import { errorOfCode, type ErrorSubject } from './error-of-code.ts'

it.each<[subject: ErrorSubject, message: string]>([
  [{}, 'INVALID_REQUEST'],
  [{ topic: 't' }, "topic 't': INVALID_REQUEST"],
  [{ topic: 't', detail: 'no' }, "topic 't': no (INVALID_REQUEST)"],
  [{ topic: 't', detail: "topic 't' is odd" }, "topic 't' is odd (INVALID_REQUEST)"],
  [{ topic: 't', detail: "topic 'tt' is odd" }, "topic 't': topic 'tt' is odd (INVALID_REQUEST)"],
  [
    { topic: 't', partition: 1, detail: "topic 't' is odd" },
    "topic 't' partition 1: topic 't' is odd (INVALID_REQUEST)",
  ],
  [
    { topic: 't', partition: 1, detail: "topic 't' partition 1 is odd" },
    "topic 't' partition 1 is odd (INVALID_REQUEST)",
  ],
  [
    { topic: 't', partition: 1, detail: "topic 't' partition 12 is odd" },
    "topic 't' partition 1: topic 't' partition 12 is odd (INVALID_REQUEST)",
  ],
])('names topic and partition once: %j', (subject, message) => {
  expect(errorOfCode('INVALID_REQUEST', subject).message).toBe(message)
})
