import { createRequire } from 'node:module'
import { expressionWeight } from '../../../packages/broker/src/group/expression-weight.ts'
import { TopicExpressions } from '../../../packages/broker/src/group/topic-expressions.ts'
import { decoded, expect, isRefused, type Target } from '../target.ts'

const names = ['orders', 'orders.v2', 'a'.repeat(249), 'payments-eu_1', '0']
const topics = { version: 1, all: () => names.map((name) => ({ name })) } as never

interface Library {
  readonly RE2JS: { compile(source: string): { programSize(): number } }
}

const { RE2JS } = createRequire(new URL('../../../packages/broker/src/index.ts', import.meta.url))('re2js') as Library

const seeds = [
  'orders.*',
  '(a|b)+',
  '[a-z]{2,5}',
  '\\pL+',
  '(?i)ORDERS',
  '^orders$',
  '(a{2}){3}',
  '(?P<n>x)|y',
  '\\Qa.[b\\E{5}',
  '[[:alpha:]a]{4}',
  '[]\\]^]x',
  '(|a){100}',
]
const decoder = new TextDecoder()

/** What a group subscribes to: whatever a client sends takes bounded time, at compiling as at matching. */
export const topicExpressions: Target = {
  name: 'topic-expressions',
  sources: ['broker/src/group/topic-expressions', 'broker/src/group/expression-weight'],
  seeds: seeds.map((seed) => new TextEncoder().encode(seed)),
  words: '{200} {9} {0, ( ) * + | (?i) \\pL \\x{10FFFF} [^ (?: \\b $ \\Q \\E [ ] [: :] \\ [] [\\] (|a){100}'.split(' '),
  async run(input) {
    const expressions = new TopicExpressions(topics)
    await expressions.load()
    const source = decoder.decode(input)
    const checked = decoded(() => expressions.check(source))
    if (isRefused(checked)) return checked
    // Compiling it once more takes as long as all the rest.
    const [size, weight] = [input.length % 3 === 0 ? RE2JS.compile(source).programSize() : 0, expressionWeight(source)]
    expect(size <= 5 * weight + 10, `what is compiled has ${size} steps, where ${weight} parts were counted`)
    const matching = expressions.topicNames(source)
    expect(
      matching.every((name) => names.includes(name)),
      'a topic matches that is not there',
    )
    return matching
  },
}
