/** For the programs of this repository. These names are not public and may change in any release. */
export { messageOf } from '@kafkado/core/internal'
export { complain, wholeNumber, writeLine } from './cli/command-context.ts'
export { openInput } from './cli/records/input-file.ts'
export { formatOf, readRecords } from './cli/records/record-source.ts'
