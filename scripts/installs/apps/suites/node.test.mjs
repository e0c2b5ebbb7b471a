import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { suite } from './suite.mjs'

suite({
  test,
  equal: assert.deepEqual,
  differs: assert.notDeepEqual,
  fakeTime: { start: () => mock.timers.enable(), stop: () => mock.timers.reset() },
})
