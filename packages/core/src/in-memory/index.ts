export type { InMemoryStore, InMemoryStoreOptions } from './in-memory-store.js'
export { inMemoryStore } from './in-memory-store.js'
export type { CompanionTable } from './tables.js'
