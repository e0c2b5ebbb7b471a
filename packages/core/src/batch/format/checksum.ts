/** CRC-32C as this runtime computes it fastest, by a name that other packages can import. */
export { crc32c } from '#crc32c'
