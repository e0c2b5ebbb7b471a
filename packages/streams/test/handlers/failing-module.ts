import type { StreamsBuilder } from '@kafkado/streams'

export const input = 'commands'
export const output = 'done'

/** Does what the record says. An action that ends its thread does so once in each thread. */
export default function failing(s: StreamsBuilder): unknown {
  return s
    .stream<string>(input)
    .mapValues((command) => {
      if (command === 'throw') throw new RangeError('out of range', { cause: new TypeError('of no type') })
      if (command === 'exit') process.exit(3)
      if (command === 'crash')
        queueMicrotask(() => {
          throw new Error('nobody catches this')
        })
      return command
    })
    .to(output)
}
