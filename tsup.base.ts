import { defineConfig, type Options } from 'tsup'

/** JavaScript only: the declarations come from `tsc -b`. Libraries in `dependencies` stay outside; others are bundled. */
export const shopOptions = (entry: Record<string, string>, more: Options = {}): Options => ({
  entry,
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  splitting: true,
  dts: false,
  ...more,
})

export const shopConfig = (entry: Record<string, string>, more: Options = {}): ReturnType<typeof defineConfig> =>
  defineConfig(shopOptions(entry, more))
