import { memory } from '@kafkado/broker'
import { createStreamsBuilder, tumblingWindow } from '@kafkado/streams'

// oxlint-disable-next-line typescript/no-explicit-any -- tests try calls that the compiler would refuse
export type Any = any

/** The objects with operators, made anew as in a topology. */
export const made = {
  builder: (): Any => createStreamsBuilder(memory()),
  stream: (): Any => made.builder().stream('orders'),
  table: (): Any => made.builder().table('customers'),
  other: (): Any => made.builder().table('people'),
  global: (): Any => made.builder().globalTable('rates'),
  grouped: (): Any => made.stream().groupByKey(),
  windowed: (): Any => made.stream().window(tumblingWindow('1m')),
  windowedGrouped: (): Any => made.grouped().window(tumblingWindow('1m')),
  windowedTable: (): Any => made.windowedGrouped().count(),
  cogrouped: (): Any => made.grouped().cogroup((sum: Any) => sum),
  groupedTable: (): Any => made.table().groupBy((value: Any) => value),
  joined: (): Any => made.stream().join(made.table()),
}

export type ClassOfOperators = Exclude<keyof typeof made, 'other'>

/** All methods of a class, so that a test can say which of them it leaves out. */
export function operatorsOf(name: ClassOfOperators): string[] {
  const methods = new Set<string>()
  const end = name === 'windowedTable' ? prototypeOf(made.table()) : Object.prototype
  for (let prototype = prototypeOf(made[name]()); prototype !== end; prototype = prototypeOf(prototype))
    for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (typeof value === 'function' && method !== 'constructor') methods.add(method)
  return [...methods]
}

function prototypeOf(value: unknown): object {
  return Object.getPrototypeOf(value) as object
}
