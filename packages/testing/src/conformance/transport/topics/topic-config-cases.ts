import { describeConfigs, incrementalAlterConfigs } from '@kafkado/core'
import { expect, it } from 'vitest'
import { errorNumber, type GetHarness, noError } from '../harness/harness.ts'

const configsOf = async (get: GetHarness, topic: string, configurationKeys: string[] | null = null) => {
  const resources = [{ resourceType: 'topic' as const, resourceName: topic, configurationKeys }]
  return (await get().transport.send(describeConfigs, { resources })).results[0]
}

const alter = async (
  get: GetHarness,
  topic: string,
  name: string,
  value: string | null,
  configOperation: 'set' | 'delete' = 'set',
  validateOnly = false,
) => {
  const resources = [
    { resourceType: 'topic' as const, resourceName: topic, configs: [{ name, configOperation, value }] },
  ]
  return (await get().transport.send(incrementalAlterConfigs, { validateOnly, resources })).responses[0]
}

const valueOf = async (get: GetHarness, topic: string, name: string) =>
  (await configsOf(get, topic, [name]))?.configs[0]

/** describeConfigs, incrementalAlterConfigs. */
export function topicConfigs(get: GetHarness): void {
  it('describes what was set and what is a default', async () => {
    const topic = await get().topic(1, { 'retention.ms': '1000' })
    expect(await valueOf(get, topic, 'retention.ms')).toMatchObject({
      name: 'retention.ms',
      value: '1000',
      isDefault: false,
    })
    expect(await valueOf(get, topic, 'cleanup.policy')).toMatchObject({ value: 'delete', isDefault: true })
  })

  it.each([
    ['cleanup.policy', 'delete'],
    ['retention.ms', '604800000'],
    ['retention.bytes', '-1'],
    ['message.timestamp.type', 'CreateTime'],
    ['compression.type', 'producer'],
    ['min.cleanable.dirty.ratio', '0.5'],
    ['delete.retention.ms', '86400000'],
  ])('has the default %s=%s of Kafka', async (name, value) => {
    expect(await valueOf(get, await get().topic(), name)).toMatchObject({ name, value, isDefault: true })
  })

  it('sets one and puts it back', async () => {
    const topic = await get().topic()
    expect(await alter(get, topic, 'retention.ms', '5000')).toMatchObject({ errorCode: noError })
    expect(await valueOf(get, topic, 'retention.ms')).toMatchObject({ value: '5000', isDefault: false })
    expect(await alter(get, topic, 'retention.ms', null, 'delete')).toMatchObject({ errorCode: noError })
    expect(await valueOf(get, topic, 'retention.ms')).toMatchObject({ value: '604800000', isDefault: true })
  })

  it('only checks with validateOnly', async () => {
    const topic = await get().topic()
    expect(await alter(get, topic, 'retention.ms', '5000', 'set', true)).toMatchObject({ errorCode: noError })
    expect(await valueOf(get, topic, 'retention.ms')).toMatchObject({ isDefault: true })
  })

  it.each([
    ['retention.ms', 'x'],
    ['no.such.config', '1'],
    ['max.message.bytes', '1.5'],
  ])('refuses %s=%s', async (name, value) => {
    expect(await alter(get, await get().topic(), name, value)).toMatchObject({
      errorCode: errorNumber('INVALID_CONFIG'),
    })
  })

  it('answers for a topic that does not exist', async () => {
    const topic = get().name()
    expect(await configsOf(get, topic)).toMatchObject({ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') })
    expect(await alter(get, topic, 'retention.ms', '1')).toMatchObject({
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
    })
  })
}
