import type { ProcessorContext, Stream } from '@kafkado/streams'
import type { Operator } from './case.ts'
import { textOf } from './functions.ts'

type Process = Extract<Operator, { op: 'process' }>

/** A processor with a store and, where a case says so, a punctuation; Processes.java does the same. */
export function processOf(
  stream: Stream<string | null, unknown>,
  { does, shift, every, by = 'stream-time' }: Process,
  name: string,
): Stream<string | null, string | null> {
  const text = { key: 'string', value: 'string' } as const
  const make = (context: ProcessorContext<string | null, string | null>) => {
    const store = context.store<string, string>(name)
    /** Hands on what is held, in the order of the keys. */
    const release = (time: number): void => {
      const held = [...store.entries()].sort(([one], [other]) => (one < other ? -1 : 1))
      for (const [key, value] of held) {
        store.delete(key)
        // Without a time, it is that of the punctuation.
        if (shift === 0) context.forward(key, value)
        else context.forward(key, value, (by === 'wall-clock' ? context.systemTime : time) + shift)
      }
    }
    if (every !== undefined) context.schedule(every, by, release)
    return (given: unknown, key: string | null): void => {
      const [value, { timestamp }] = [textOf(given), context.record]
      const keyText = textOf(key)
      if (does === 'count') {
        const count = keyText === null ? 1 : Number(store.get(keyText) ?? 0) + 1
        if (keyText !== null) store.put(keyText, String(count))
        context.forward(keyText, `${value}#${count}`, timestamp + shift)
      } else if (does === 'twice') {
        context.forward(keyText, value)
        context.forward(`x${keyText}`, value, timestamp + shift)
      } else if (keyText !== null) {
        if (value === null) store.delete(keyText)
        else store.put(keyText, value)
      }
    }
  }
  return stream.process(make, { stores: { [name]: text }, value: 'string' })
}
