import { shopConfig } from '../../tsup.base.js'

const builders = ['pg', 'drizzle', 'kysely', 'prisma', 'typeorm', 'postgres-js']

export default shopConfig({
  index: 'src/index.ts',
  ...Object.fromEntries(builders.map((name) => [`within/${name}`, `src/within/${name}.ts`])),
})
