import * as messages from '@kafkado/messages'

/** ListOffsets (API key 2) in the version that finds the greatest timestamp (KIP-734). */
export const listOffsetsApi = messages.listOffsets.at(7)
