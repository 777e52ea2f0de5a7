const npm = (names) => `(^|/)node_modules/(${names})/`

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one file, or three.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-imports-nothing-but-itself',
      severity: 'error',
      comment: 'core is pure: no npm package, no Node builtin, no sibling package.',
      from: { path: '^packages/core/src/', pathNot: '^packages/core/src/testing/' },
      to: { pathNot: '^packages/core/src/' },
    },
    {
      name: 'testing-kit-only-adds-fast-check',
      severity: 'error',
      comment: 'The kit takes its runner as an argument, so it never imports vitest.',
      from: { path: '^packages/core/src/testing/' },
      to: { pathNot: ['^packages/core/src/', npm('fast-check')] },
    },
    {
      name: 'shared-is-the-bottom',
      severity: 'error',
      comment: 'shared/ imports only shared/.',
      from: { path: '^packages/core/src/shared/' },
      to: { path: '^packages/core/src/', pathNot: '^packages/core/src/shared/' },
    },
    {
      name: 'policies-know-only-shared',
      severity: 'error',
      comment: 'A policy is a choice, not an act: it knows no noun.',
      from: { path: '^packages/core/src/policies/' },
      to: { path: '^packages/core/src/', pathNot: '^packages/core/src/(policies|shared)/' },
    },
    {
      name: 'leaf-nouns-stay-leaves',
      severity: 'error',
      comment: 'wallet, catalog and coupon know no other noun; order and payment compose them.',
      from: { path: '^packages/core/src/(wallet|catalog|coupon)/' },
      to: {
        path: '^packages/core/src/(wallet|catalog|coupon|order|payment|ranking|outbox)/',
        pathNot: '^packages/core/src/$1/',
      },
    },
    {
      name: 'rules-do-not-know-who-runs-them',
      severity: 'error',
      comment:
        'Nouns, command and store are below the executor, the locks, the audit and the shop; the store hands the audit its snapshot.',
      from: {
        path: '^packages/core/src/(shared|policies|command|store|wallet|catalog|coupon|order|payment|ranking|outbox)/',
      },
      to: { path: '^packages/core/src/(executor/|locks/|audit/(?!snapshot[.])|(shop|index)[.]ts$)' },
    },
    {
      name: 'executor-and-audit-do-not-know-the-shop',
      severity: 'error',
      comment: 'shop.ts puts them together.',
      from: { path: '^packages/core/src/(executor|audit)/' },
      to: { path: '^packages/core/src/(shop|index)[.]ts$' },
    },
    {
      name: 'in-memory-and-testing-stay-outside',
      severity: 'error',
      comment: 'They are entries of their own: the main entry must not carry them.',
      from: { path: '^packages/core/src/', pathNot: '^packages/core/src/(in-memory|testing)/' },
      to: { path: '^packages/core/src/(in-memory|testing)/' },
    },
    {
      name: 'in-memory-does-not-know-testing',
      severity: 'error',
      comment: 'The kit may try the in-memory store, not the other way round.',
      from: { path: '^packages/core/src/in-memory/' },
      to: { path: '^packages/core/src/testing/' },
    },
    {
      name: 'others-use-the-front-door-of-core',
      severity: 'error',
      comment: 'Other packages reach core through its exports map, never through its files.',
      from: { path: '^(packages/(adapter-[^/]+|server-express)|examples)/' },
      to: { path: '^packages/core/', pathNot: '^packages/core/src/(index|in-memory/index|testing/index)[.]ts$' },
    },
    {
      name: 'adapters-do-not-know-each-other',
      severity: 'error',
      comment: 'Only server-express composes adapters.',
      from: { path: '^packages/(adapter-[^/]+)/' },
      to: { path: '^packages/(adapter-[^/]+|server-express)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'server-uses-the-front-door-of-adapters',
      severity: 'error',
      comment: 'The server reaches an adapter through its entry.',
      from: { path: '^packages/server-express/' },
      to: { path: '^packages/adapter-[^/]+/', pathNot: '^packages/adapter-[^/]+/src/index[.]ts$' },
    },
    {
      name: 'container-only-in-composition',
      severity: 'error',
      comment: 'inversify is a detail of how the server is assembled.',
      from: { pathNot: '^packages/server-express/src/composition/' },
      to: { path: npm('inversify|reflect-metadata') },
    },
    {
      name: 'launcher-needs-only-node',
      severity: 'error',
      comment: 'The embedded Postgres starts before anything else, and tests use it alone.',
      from: { path: '^packages/server-express/src/embedded-postgres/' },
      to: { pathNot: '^packages/server-express/src/embedded-postgres/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'client-runs-in-browsers',
      severity: 'error',
      comment: 'The client carries nothing of the server; of the core it knows types only.',
      from: { path: '^packages/server-express/src/client/' },
      to: {
        pathNot: ['^packages/server-express/src/client/', npm('openapi-fetch')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-undeclared-import',
      severity: 'error',
      comment: 'Every import resolves, through a declared dependency.',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'], pathNot: npm('fast-check') },
    },
    {
      name: 'no-unresolvable-import',
      severity: 'error',
      comment: 'Every import resolves.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-import-in-sources',
      severity: 'error',
      comment: 'What is published must not need a development dependency.',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@shop/source', 'types', 'import', 'node', 'default'],
    },
  },
}
