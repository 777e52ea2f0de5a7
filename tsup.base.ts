import { defineConfig, type Options } from 'tsup'

/**
 * JavaScript only; the declarations come from `tsc -b`, which writes them to the same dist folder.
 * `clean` stays off: tsup would delete the declarations, and `tsc -b` would still believe that they are there.
 */
export const shopOptions = (entry: Record<string, string>, more: Options = {}): Options => ({
  entry,
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  splitting: true,
  clean: false,
  dts: false,
  ...more,
})

export const shopConfig = (entry: Record<string, string>, more: Options = {}): ReturnType<typeof defineConfig> =>
  defineConfig(shopOptions(entry, more))
