import { shopOptions } from '../../tsup.base.js'

/**
 * Bundled libraries of CommonJS modules call `require` for modules of Node. In a bundle that a host makes as CommonJS,
 * `import.meta.url` is undefined, and `__filename` is there.
 */
const require =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url ?? __filename);"

export default [
  shopOptions(
    {
      index: 'src/index.ts',
      'jobs/index': 'src/jobs/index.ts',
      'telemetry/index': 'src/telemetry/index.ts',
      'embedded-postgres/index': 'src/embedded-postgres/index.ts',
      main: 'src/main.ts',
      worker: 'src/worker/main.ts',
    },
    { banner: { js: require } },
  ),
  /** One file that needs nothing: a page can load it as it is, without a bundler. */
  shopOptions(
    { 'client/index': 'src/client/index.ts' },
    { noExternal: ['openapi-fetch'], platform: 'browser', target: 'es2022', splitting: false },
  ),
]
