import { type Admin, createAdmin } from '@kafkado/admin'
import { KafkaError, offsetCommit, type Transport } from '@kafkado/core'
import type { WorldAction } from '../plan/world-actions.ts'
import { nameOf } from './engine-witness.ts'
import { settingsOf } from './log-directory.ts'
import type { World } from './world.ts'

/** Lets one thing happen that was planned. */
export async function act(world: World, action: WorldAction): Promise<void> {
  const { server, time } = world
  world.history.add('world', { type: 'fault', fault: action.kind, operation: JSON.stringify(action) })
  switch (action.kind) {
    case 'crash server':
      server.crash()
      await time.sleep(action.downMs)
      server.start()
      break
    case 'restart server':
      await server.stop()
      await time.sleep(action.downMs)
      server.start()
      break
    case 'stall server':
      await stall(world, 'server', action.forMs, server.clock)
      break
    case 'stall client':
      await stall(world, world.processOf(action.client)?.name, action.forMs, world.processOf(action.client)?.clock)
      break
    case 'outage':
      world.setWay(action.state, action.client)
      await time.sleep(action.forMs)
      world.setWay('open', action.client)
      break
    case 'kill client':
      world.kill(action.client)
      await time.sleep(action.downMs)
      world.launch(action.client)
      break
    case 'close client':
      await world.close(action.client)
      await time.sleep(action.downMs)
      world.launch(action.client)
      break
    case 'set clock':
      setClock(world, action.client, action.byMs)
      break
    case 'stall disk':
      server.disk.faults.stallMs = action.forMs
      break
    case 'fail disk':
      server.disk.faults[action.how === 'sync' ? 'isFailing' : 'isRefusing'] = true
      await time.sleep(action.downMs)
      world.restartFailed()
      break
    case 'fill disk':
      server.disk.faults.isFull = true
      await time.sleep(action.forMs)
      server.disk.faults.isFull = false
      break
    case 'misread disk':
      server.disk.faults.isReadingWrongly = true
      break
    case 'recreate topic': {
      const { beneath, times = 1, ...alone } = action
      if (beneath === undefined) await administer(world, alone)
      else server.beforeNext(beneath, times, () => administer(world, alone))
      break
    }
    default:
      await administer(world, action)
  }
}

async function stall(
  world: World,
  process: string | undefined,
  forMs: number,
  clock: { stop(): void; goOn(): void } | undefined,
): Promise<void> {
  if (process === undefined || !clock) return
  world.history.add(process, { type: 'stalled', forMs })
  clock.stop()
  await world.time.sleep(forMs)
  clock.goOn()
}

function setClock(world: World, client: string | undefined, byMs: number): void {
  if (client === undefined) {
    world.server.setClock(byMs)
    return
  }
  const process = world.processOf(client)
  if (!process) return
  process.clock.adjust(byMs)
  process.tell({ type: 'clock-set', clock: process.name, byMs })
}

type AdminAction = Extract<
  WorldAction,
  {
    kind:
      | 'create topic'
      | 'delete topic'
      | 'recreate topic'
      | 'extend topic'
      | 'configure topic'
      | 'delete records'
      | 'reset group'
      | 'delete group'
      | 'abort transaction'
  }
>

/** What somebody at the server's own console does: nothing lies between, but it may be down. */
async function administer(world: World, action: AdminAction): Promise<void> {
  const transport: Transport = {
    send: (operation, request) => world.server.receiveAtConsole(operation, request),
    close: () => Promise.resolve(),
  }
  const admin = createAdmin(transport)
  try {
    await carryOut(world, transport, admin, action)
  } catch (error) {
    if (!KafkaError.is(error)) throw error
    world.history.add('admin', { type: 'note', text: `${action.kind} failed: ${nameOf(error)}` })
  }
}

async function carryOut(world: World, transport: Transport, admin: Admin, action: AdminAction): Promise<void> {
  const { history, server } = world
  switch (action.kind) {
    case 'create topic':
      await admin.createTopic(action.topic, { partitions: action.partitions, config: action.configs })
      break
    case 'delete topic':
      await admin.deleteTopic(action.topic)
      break
    case 'recreate topic': {
      const { topic, afterMs } = action
      const plan = world.plan.topics.find((one) => one.topic === topic)
      await admin.deleteTopic(topic)
      await world.time.sleep(afterMs)
      await admin.createTopic(topic, { partitions: plan?.partitions ?? 1, config: plan?.configs ?? {} })
      break
    }
    case 'extend topic':
      await admin.alterTopic(action.topic, { partitions: action.partitions })
      break
    case 'configure topic': {
      const { topic, configs } = action
      const topicId = server.logs.idOf(topic)
      if (topicId !== undefined)
        history.add('admin', { type: 'topic-configured', topic, topicId, ...settingsOf(configs) })
      await admin.alterTopic(topic, { config: configs })
      break
    }
    case 'delete records': {
      const { topic, part } = action
      const { offsets } = await admin.describeTopic(topic)
      const before: Record<number, number> = {}
      for (const { partition, earliest, latest } of offsets) {
        const logStartOffset = earliest + Math.floor(part * (latest - earliest))
        if (logStartOffset > earliest) before[partition] = logStartOffset
      }
      if (Object.keys(before).length > 0) await admin.deleteRecords(topic, before)
      break
    }
    case 'reset group':
      await reset(world, transport, admin, action)
      break
    case 'delete group':
      history.add('admin', { type: 'offsets-reset', group: action.group, offsets: [] })
      await deleteGroup(world, admin, action.group)
      break
    case 'abort transaction':
      await admin.abortTransaction(action.transactionalId)
  }
}

async function deleteGroup({ history }: World, admin: Admin, group: string): Promise<void> {
  try {
    await admin.deleteGroup(group)
  } catch (error) {
    if (!KafkaError.is(error) || error.outcome === 'failed') throw error
  }
  history.add('admin', { type: 'group-deleted', group })
}

/** As an admin resets a group, with offsets that are known before: what is written meanwhile is not skipped. */
async function reset(
  world: World,
  transport: Transport,
  admin: Admin,
  { group, topic, to }: Extract<AdminAction, { kind: 'reset group' }>,
): Promise<void> {
  const { offsets } = await admin.describeTopic(topic)
  const meant = offsets.map(({ partition, earliest, latest }) => ({
    topic,
    partition,
    offset: to === 'earliest' ? earliest : latest,
  }))
  world.history.add('admin', { type: 'offsets-reset', group, offsets: meant })
  const partitions = meant.map(({ partition, offset: committedOffset }) => ({
    partition,
    committedOffset,
    committedLeaderEpoch: -1,
    committedMetadata: null,
  }))
  const topics = [{ topic, partitions }]
  await transport.send(offsetCommit, { groupId: group, memberId: '', memberEpoch: -1, groupInstanceId: null, topics })
}
