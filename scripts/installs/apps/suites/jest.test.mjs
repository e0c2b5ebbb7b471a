import { kafkaMatchers } from '@kafkado/testing/matchers'
import { expect, jest, test } from '@jest/globals'
import { askMatchers, suite } from './suite.mjs'

expect.extend(kafkaMatchers)
suite({
  test,
  equal: (actual, wanted) => expect(actual).toEqual(wanted),
  differs: (actual, other) => expect(actual).not.toEqual(other),
  matches: (kafka) => askMatchers(expect, kafka),
  fakeTime: { start: () => jest.useFakeTimers({ doNotFake: ['nextTick'] }), stop: () => jest.useRealTimers() },
})
