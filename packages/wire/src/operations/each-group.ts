import { KafkaError } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import type { ErrorFields } from '@kafkado/core/internal/answers'
import { type Call, isPassing } from '../cluster/call.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { CoordinatorType } from '../cluster/find-coordinator-api.ts'

/**
 * Asks the coordinator of each group, or of each transactional id, and merges the answers in order. An error of one
 * does not affect the others.
 *
 * @param ask asks about one of them; a missing answer counts as unknown
 * @param refuse makes the answer for one that could not be asked about
 */
export async function eachGroup<A extends { errorCode: number }>(
  cluster: Cluster,
  type: CoordinatorType,
  keys: readonly string[],
  call: Call,
  ask: (nodeId: number, key: string) => Promise<{ throttleTimeMs: number; answer: A | undefined }>,
  refuse: (key: string, error: ErrorFields) => A,
): Promise<{ throttleTimeMs: number; answers: A[] }> {
  let throttleTimeMs = 0
  const askAbout = async (key: string): Promise<A> => {
    try {
      return await cluster.coordinated(type, key, call, async (nodeId) => {
        const { throttleTimeMs: ownMs, answer } = await ask(nodeId, key)
        throttleTimeMs = Math.max(throttleTimeMs, ownMs)
        if (answer && !isPassing(answer.errorCode)) return answer
        throw errorOfCode(answer?.errorCode ?? 'UNKNOWN_SERVER_ERROR')
      })
    } catch (error) {
      if (!KafkaError.is(error) || error.kafkaCode === undefined || error.kafkaCode === 0) throw error
      return refuse(key, { errorCode: error.kafkaCode, errorMessage: error.message })
    }
  }
  const answers = await Promise.all(keys.map(askAbout))
  return { throttleTimeMs, answers }
}
