import { expect, test } from 'bun:test'
import { suite } from './suite.mjs'

suite({
  test,
  equal: (actual, wanted) => expect(actual).toEqual(wanted),
  differs: (actual, other) => expect(actual).not.toEqual(other),
})
