const npm = (names) => `(^|/)node_modules/(${names})/`

/**
 * The floors of a package, from the bottom up. A folder imports its own floor and the floors below it, never one above.
 * Folders on one floor do not know each other.
 */
const coreFloors = [
  ['shared'],
  ['policies'],
  ['model'],
  ['store'],
  ['engine', 'locks', 'outbox', 'audit'],
  ['commands', 'in-memory'],
  ['shop'],
  ['testing'],
  ['conformance'],
]

const serverFloors = [
  ['util', 'client', 'embedded-postgres', 'telemetry'],
  ['scheduler', 'data-platform', 'demo'],
  ['http'],
  ['auth', 'health', 'observability'],
  ['redis', 'config', 'workers'],
  ['composition'],
  ['tenants'],
  ['server'],
  ['worker'],
]

/** One rule a folder: it may import nothing above it and nothing beside it. */
const upwardImports = (root, floors) =>
  floors.flatMap((floor, level) =>
    floor.map((folder) => {
      const forbidden = [...floor.filter((other) => other !== folder), ...floors.slice(level + 1).flat()]
      return {
        name: `${root.split('/')[1]}-${folder}-imports-only-floors-below`,
        severity: 'error',
        comment: `Floors of ${root}, from the bottom up: ${floors.map((each) => each.join(' ')).join(' | ')}.`,
        from: { path: `^${root}/${folder}/` },
        to: {
          path: `^${root}/(${[...forbidden.map((each) => `${each}/`), '(index|main|commands|store)[.]ts'].join('|')})`,
        },
      }
    }),
  )

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
      from: { path: '^packages/core/src/', pathNot: '^packages/core/src/conformance/' },
      to: { pathNot: '^packages/core/src/' },
    },
    {
      name: 'conformance-kit-only-adds-fast-check',
      severity: 'error',
      comment: 'The kit takes its runner as an argument, so it never imports vitest.',
      from: { path: '^packages/core/src/conformance/' },
      to: { pathNot: ['^packages/core/src/', npm('fast-check')] },
    },
    ...upwardImports('packages/core/src', coreFloors),
    ...upwardImports('packages/server-express/src', serverFloors),
    {
      name: 'nouns-of-the-model-compose-one-way',
      severity: 'error',
      comment:
        'wallet, product, coupon and discount know no other noun; order, payment, ranking and event compose them.',
      from: { path: '^packages/core/src/model/(wallet|product|coupon|discount)[.]ts$' },
      to: { path: '^packages/core/src/model/(order|payment|ranking|event)[.]ts$' },
    },
    {
      name: 'leaf-commands-stay-leaves',
      severity: 'error',
      comment: 'Commands of wallet, catalog and coupon use no command of another noun; order and payment compose them.',
      from: { path: '^packages/core/src/commands/(wallet|catalog|coupon)/' },
      to: {
        path: '^packages/core/src/commands/(wallet|catalog|coupon|order|payment|ranking|outbox)/',
        pathNot: '^packages/core/src/commands/$1/',
      },
    },
    {
      name: 'others-use-the-front-door-of-core',
      severity: 'error',
      comment: 'Other packages reach core through its exports map, never through its files.',
      from: { path: '^(packages/(adapter-[^/]+|server-express)|examples)/' },
      to: {
        path: '^packages/core/',
        pathNot: '^packages/core/src/(index|commands|store|(in-memory|testing|conformance)/index)[.]ts$',
      },
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
      comment: 'What is published must not need a development dependency. The server bundles those that it names here.',
      from: { path: '^packages/[^/]+/src/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'],
        pathNot: npm('(inversify|jose|lru-cache|node-schedule|reflect-metadata|zod)'),
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // scripts/consumer runs in a folder of its own, with the packed tarballs.
    exclude: { path: '(^|/)(dist|[.]tsbuild|coverage)/|^scripts/consumer/|^examples/query-builders/prisma/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@shop/source', 'types', 'import', 'node', 'default'],
    },
  },
}
