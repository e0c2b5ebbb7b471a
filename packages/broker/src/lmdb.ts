export { LmdbStorage } from './storage/lmdb-storage.ts'
