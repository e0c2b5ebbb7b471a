export { LmdbStorage } from './storage/lmdb/lmdb-storage.ts'
