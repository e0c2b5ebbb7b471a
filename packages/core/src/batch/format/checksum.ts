/** The fastest CRC-32C of this runtime, under a name that other packages can import. */
export { crc32c } from '#crc32c'
