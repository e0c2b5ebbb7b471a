import type { Scope } from '@kafkado/server'
import { expect, it } from 'vitest'
import { scopesOf, textOfScope } from './scope-texts.ts'

it.each<[string, Scope]>([
  ['read:topic:orders', { operation: 'read', resource: 'topic', name: 'orders', pattern: 'literal' }],
  ['write:topic:orders.*', { operation: 'write', resource: 'topic', name: 'orders.', pattern: 'prefix' }],
  ['all:group:*', { operation: 'all', resource: 'group', name: '*', pattern: 'literal' }],
  ['alterConfigs:topic:a:b', { operation: 'alterConfigs', resource: 'topic', name: 'a:b', pattern: 'literal' }],
])('reads %s, and writes it the same', (text, scope) => {
  expect(scopesOf('--allow', [text], 'allow')).toEqual([scope])
  expect(textOfScope(scope)).toBe(text)
  expect(scopesOf('--deny', [text], 'deny')).toEqual([{ ...scope, effect: 'deny' }])
})

it('takes any case, as the names have capitals in the middle', () => {
  expect(scopesOf('--allow', ['describeconfigs:TransactionalId:t'], 'allow')).toMatchObject([
    { operation: 'describeConfigs', resource: 'transactionalId' },
  ])
})

it.each(['', 'read', 'read:topic', 'read:topic:', ':topic:a', 'own:topic:a', 'read:cluster:a', 'read::a'])(
  'refuses %j',
  (text) => {
    expect(() => scopesOf('--allow', [text], 'allow')).toThrow(/--allow/)
  },
)
