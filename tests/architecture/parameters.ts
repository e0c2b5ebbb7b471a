import { isNode, visit } from './syntax.ts'

/** With more than that, which argument is which cannot be seen where a function is called. */
const most = 6

/** Called for each record: an object would be made for each. */
export const calledForEachRecord: ReadonlySet<string> = new Set([
  'packages/core/src/batch/record-batch-filter.ts',
  'packages/core/src/batch/record-check.ts',
  'packages/core/src/record/kafka-record.ts',
  'packages/core/src/record/unread-records.ts',
  'packages/streams/src/task/running-task.ts',
  'packages/testing/src/conformance/transport/harness/harness.ts',
  'packages/testing/src/streams/driver-task.ts',
])

/** As a library calls it. */
export const calledByOthers: ReadonlySet<string> = new Set(['packages/wire/src/connection/sasl.ts'])

/** The most positional parameters that a function of the program has, where they are too many; 0 elsewhere. */
export function tooManyParameters(program: unknown): number {
  let found = 0
  visit(program, (node) => {
    const parameters = node['params']
    if (isNode(node['body']) && Array.isArray(parameters)) found = Math.max(found, parameters.length)
  })
  return found > most ? found : 0
}
