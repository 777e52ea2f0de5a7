import type { Catch } from './hunt.js'
import type { Mutant } from './mutant.js'

/** The results of three hunts for one mutant; undefined if it survived. */
export interface Hunted {
  readonly mutant: Mutant
  readonly catches: readonly (Catch | undefined)[]
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const lawsOf = (catches: Hunted['catches']): string =>
  [...new Set(catches.flatMap((each) => each?.laws[0] ?? []))].join(', ')

const modesOf = (catches: Hunted['catches']): string =>
  [...new Set(catches.flatMap((each) => each?.by ?? []))].join(', ')

/** The start of a mutant's row, independent of the results. */
export const rowHead = ({ id, title, part }: Mutant): string => `| ${id} | ${cell(title)} | ${part} |`

export const tableOf = (hunted: readonly Hunted[]): string =>
  [
    '| | Mutant | Part | Played | Caught by | Runs until caught |',
    '|---|---|---|---|---|---|',
    ...hunted.map(({ mutant, catches }) => {
      const runs = catches.map((each) => each?.runs ?? 'SURVIVED').join(' / ')
      return `${rowHead(mutant)} ${modesOf(catches)} | ${lawsOf(catches)} | ${runs} |`
    }),
  ].join('\n')

/** Explains the replaced mistakes, and names the tests of the mistake itself. */
export const notesOf = (mutants: readonly Mutant[]): string =>
  mutants
    .flatMap(({ id, instead, where }) => [
      ...(instead ? [`- ${id}: ${instead}`] : []),
      ...(where ? [`- ${id} in SQL: see the tests of \`packages/${where}\`.`] : []),
    ])
    .join('\n')

/** The smallest histories and the scenarios that caught the mutants with the first seed. */
export const findingsOf = (hunted: readonly Hunted[]): string =>
  hunted
    .flatMap(({ mutant: { id, title }, catches: [first] }) =>
      first ? [`## ${id} ${title}\n\n\`\`\`\n${first.text.trim()}\n\`\`\`\n`] : [],
    )
    .join('\n')
