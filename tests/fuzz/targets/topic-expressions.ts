import { TopicExpressions } from '../../../packages/broker/src/group/topic-expressions.ts'
import { decoded, expect, isRefused, type Target } from '../target.ts'

const names = ['orders', 'orders.v2', 'a'.repeat(249), 'payments-eu_1', '0']
const topics = { version: 1, all: () => names.map((name) => ({ name })) } as never

const seeds = [
  'orders.*',
  '(a|b)+',
  '[a-z]{2,5}',
  '\\pL+',
  '(?i)ORDERS',
  '^orders$',
  'a{2}{3}',
  '(?P<n>x)|y',
  '\\Qa.b\\E',
  '[[:alpha:]]',
]
const decoder = new TextDecoder()

/** What a group subscribes to: whatever a client sends takes bounded time, at compiling as at matching. */
export const topicExpressions: Target = {
  name: 'topic-expressions',
  sources: ['broker/src/group/topic-expressions'],
  seeds: seeds.map((seed) => new TextEncoder().encode(seed)),
  words: ['{1000}', '{100}', '(', ')', '*', '+', '|', '(?i)', '\\pL', '\\x{10FFFF}', '[^', '(?:', '{0,', '\\b', '$'],
  async run(input) {
    const expressions = new TopicExpressions(topics)
    await expressions.load()
    const source = decoder.decode(input)
    const checked = decoded(() => expressions.check(source))
    if (isRefused(checked)) return checked
    const matching = expressions.topicNames(source)
    expect(
      matching.every((name) => names.includes(name)),
      'a topic matches that is not there',
    )
    return matching
  },
}
