import { codeOf, type Interceptor, produce } from '@kafkado/core'
import type { ProduceRequest, ProduceResponse } from '@kafkado/core/protocol'
import { readRecords, recordBatchesIn, unpackRecordBatch } from '@kafkado/core/internal'
import { headersAt } from '../clients/record-traits.ts'
import type { History } from '../history/history.ts'

/** The codes with which a topic has a batch: it is written, or it was before. */
const writtenCodes: readonly number[] = [0, codeOf('DUPLICATE_SEQUENCE_NUMBER')]

/** Stands between a client and the server, and tells the history of which dead letters the client knows as written. */
export function letterWitness(process: string, history: History, deadTopics: ReadonlySet<string>): Interceptor {
  const written = async ({ topics }: ProduceRequest, response: ProduceResponse): Promise<void> => {
    for (const { topic, partitions } of topics) {
      if (!deadTopics.has(topic)) continue
      const answers = response.topics.find((one) => one.topic === topic)?.partitions
      for (const { partition, records } of partitions) {
        const errorCode = answers?.find((one) => one.partition === partition)?.errorCode
        if (errorCode === undefined || !writtenCodes.includes(errorCode)) continue
        history.add(process, { type: 'letters-written', topic, letters: await headersIn(records) })
      }
    }
  }
  return (next) => async (operation, request, options) => {
    const response = await next(operation, request, options)
    if (operation.name === produce.name) await written(request as ProduceRequest, response as ProduceResponse)
    return response
  }
}

async function headersIn(records: Uint8Array): Promise<string[]> {
  const all: string[] = []
  for (const { header, batch } of recordBatchesIn(records)) {
    const unpacked = await unpackRecordBatch(batch, header)
    readRecords(unpacked, (content, _offset, _time, _keyStart, _keyEnd, _start, _end, headersStart, count) => {
      all.push(headersAt(content, headersStart, count))
    })
  }
  return all
}
