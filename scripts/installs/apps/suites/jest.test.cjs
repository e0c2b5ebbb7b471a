const { kafkaMatchers } = require('@kafkado/testing/matchers')
const { askMatchers, suite } = require('./suite.mjs')

expect.extend(kafkaMatchers)
suite({
  test,
  equal: (actual, wanted) => expect(actual).toEqual(wanted),
  differs: (actual, other) => expect(actual).not.toEqual(other),
  matches: (kafka) => askMatchers(expect, kafka),
  fakeTime: { start: () => jest.useFakeTimers({ doNotFake: ['nextTick'] }), stop: () => jest.useRealTimers() },
})
