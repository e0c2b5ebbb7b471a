import { type ConfigFields, functionField, textField } from '@kafkado/core/internal'
import { requireAnswer } from '../../processors/processor.ts'
import { peekProcessor, type ValueFunction } from '../../processors/stateless.ts'
import { namedOptions, optionsOf } from '../operator-options.ts'
import type { StreamParts } from '../parts.ts'
import type { Named } from '../types.ts'

type AnyMap = (...given: never[]) => string

export interface PrintOptions<Map extends AnyMap> extends Named {
  /**
   * What stands in brackets before each record. Default: the name of the operator that the records come from. Set it to
   * tell several printed streams apart. Kafka: Printed.withLabel.
   */
  label?: string | undefined
  /**
   * Makes the text after the label. Default: key and value with a comma between them, objects as JSON. Set it to show
   * only what matters, or values that JSON cannot represent. Kafka: Printed.withKeyValueMapper.
   */
  map?: Map | undefined
  /**
   * Takes each line, without a line break. Default: `console.log`. Set it to write to a logger or a file. With workers,
   * it runs in the worker's thread. Kafka: Printed.toFile.
   */
  write?: ((line: string) => void) | undefined
}

const printOptions: ConfigFields<PrintOptions<AnyMap>> = {
  ...namedOptions,
  label: textField(),
  map: functionField(),
  write: functionField(),
}

/** Writes a line for each record. `textOf` makes the text of a record with the user's function, or without one. */
export function printTo<Map extends AnyMap>(
  parts: StreamParts,
  options: PrintOptions<Map>,
  textOf: (map: Map | undefined) => ValueFunction<string>,
): void {
  const { label, map, write = toConsole, name } = optionsOf<PrintOptions<Map>>('print', printOptions, options)
  const { graph, node } = parts
  const text = textOf(map)
  // A default name may still change while the topology grows, so the label is read for each record.
  const build = peekProcessor('print', (value, key, record) =>
    write(`[${label ?? node.name}]: ${requireAnswer(text(value, key, record), 'print')}`),
  )
  graph.whole.processor({ operator: 'print', name, inputs: [node], build })
}

/** The text of a record unless the user has a function for it. */
export function recordText(value: unknown, key: unknown): string {
  return `${textOfAny(key)}, ${textOfAny(value)}`
}

function textOfAny(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
  } catch {
    // Such as an object that contains itself. To look at a record must not end the application.
    return Object.prototype.toString.call(value)
  }
}

function toConsole(line: string): void {
  // oxlint-disable-next-line no-console -- the console is what print is for
  console.log(line)
}
