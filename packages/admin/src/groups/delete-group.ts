import { deleteGroups, type Transport } from '@kafkado/core'
import { errorOfCode, requireText } from '@kafkado/core/internal'

/**
 * Removes a group and its committed offsets.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND, or NON_EMPTY_GROUP while it has members
 */
export async function deleteGroup(transport: Transport, id: string): Promise<void> {
  requireText(id, 'group')
  const { results } = await transport.send(deleteGroups, { groups: [id] })
  const [result] = results
  if (result?.errorCode !== 0)
    throw errorOfCode(result?.errorCode ?? 'UNKNOWN_SERVER_ERROR', { detail: result?.errorMessage })
}
