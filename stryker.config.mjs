/** Only the rules: what tests and hosts bring along (`testing`, `conformance`, `in-memory`), ports and lists of exports have no mutants. */
const mutate = ['packages/core/src/{shared,policies,model,engine,commands,outbox}/**/*.ts']

export default {
  packageManager: 'pnpm',
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.stryker.config.ts', related: false },
  mutate,
  ignorePatterns: [
    '**',
    '!packages',
    '!packages/core',
    '!packages/core/{src,test}',
    '!packages/core/{src,test}/**',
    '!packages/core/*.json',
    '!{tsconfig.base,package}.json',
    '!vitest.stryker.config.ts',
  ],
  coverageAnalysis: 'perTest',
  // A constant is computed before any test begins: each of its mutants would cost a run of all tests.
  ignoreStatic: true,
  concurrency: 2,
  incremental: true,
  incrementalFile: 'reports/stryker/incremental.json',
  tempDirName: 'reports/stryker/sandbox',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
  htmlReporter: { fileName: 'reports/stryker/mutation.html' },
  jsonReporter: { fileName: 'reports/stryker/mutation.json' },
  thresholds: { high: 95, low: 90, break: 90 },
}
