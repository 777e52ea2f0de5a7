/** The same type while it is built field by field. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
