/** Names for the programs of this repository. Not part of the public interface: they may change in any release. */
export { messageOf } from '@kafkado/core/internal'
export { complain, wholeNumber, writeLine } from './cli/command-context.ts'
export { openInput } from './cli/records/input-file.ts'
export { formatOf, readRecords } from './cli/records/record-source.ts'
