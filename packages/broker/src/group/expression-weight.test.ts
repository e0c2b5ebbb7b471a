import { seededRandom } from '@kafkado/core'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { expressionWeight } from './expression-weight.ts'

const pieces = [
  ...[
    'a',
    '.',
    '\\pL',
    '\\]',
    '\\\\',
    '[a-z]',
    '[^]a]',
    '[]\\]]',
    '[[:alpha:][]',
    '[[:^digit:]]',
    '\\Q[\\E',
    '\\Q(\\E',
    '{',
    ']',
  ],
  ...[
    '(',
    '(?:',
    '(?i)',
    ')',
    '|',
    '(|a)',
    '*',
    '+',
    '?',
    '{3}',
    '{2,7}',
    '{4,}',
    '{0}',
    '{0,9}',
    '\\x{41}',
    '\\Qab\\E',
  ],
]

describe('the weight of a regular expression', () => {
  it.each([
    ['orders-.*', 8],
    ['(a|b)', 4],
    ['a{100}', 100],
    ['(ab){10}', 30],
    ['((a{10}){10}){2}', 222],
    ['[a-z]{1,249}', 249],
    ['\\Qa{9}\\E{5}', 8],
  ])('of %s is %d', (source, weight) => {
    expect(expressionWeight(source)).toBe(weight)
  })

  it('is about as large as what is compiled, so nothing large gets past it', () => {
    const random = seededRandom(7)
    const below = (limit: number): number => Math.floor(random.next() * limit)
    for (let left = 5000; left > 0; left--) {
      const source = Array.from({ length: below(12) }, () => pieces[below(pieces.length)]).join('')
      if (isExpression(source))
        expect(RE2JS.compile(source).programSize(), source).toBeLessThanOrEqual(5 * expressionWeight(source) + 10)
    }
  })

  it.each([
    '(|a){1000}(|b){1000}',
    '\\Q[\\E(|a){1000}',
    '[\\][](|a){1000}',
    '[[:alpha:][](|a){1000}',
    '(|a){31}(?i){32}',
    'x'.repeat(5000),
  ])('of what takes long is large: %s', (source) => {
    expect(expressionWeight(source)).toBeGreaterThan(2000)
  })
})

function isExpression(source: string): boolean {
  try {
    RE2JS.compile(source)
    return true
  } catch {
    return false
  }
}
