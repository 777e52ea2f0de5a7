import type { Catch } from './hunt.js'
import type { Mutant } from './mutant.js'

/** What three hunts of one mutant found; nothing where it survived. */
export interface Hunted {
  readonly mutant: Mutant
  readonly catches: readonly (Catch | undefined)[]
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const lawsOf = (catches: Hunted['catches']): string =>
  [...new Set(catches.flatMap((each) => each?.laws[0] ?? []))].join(', ')

const modesOf = (catches: Hunted['catches']): string =>
  [...new Set(catches.flatMap((each) => each?.by ?? []))].join(', ')

/** How every row of a mutant begins, whatever was found. */
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

/** Why some stand for another mistake, and where the mistake itself is tried. */
export const notesOf = (mutants: readonly Mutant[]): string =>
  mutants
    .flatMap(({ id, instead, where }) => [
      ...(instead ? [`- ${id}: ${instead}`] : []),
      ...(where ? [`- ${id} in SQL: see the tests of \`packages/${where}\`.`] : []),
    ])
    .join('\n')

/** The smallest histories and the scenes in which the mutants of the first seed were found out. */
export const findingsOf = (hunted: readonly Hunted[]): string =>
  hunted
    .flatMap(({ mutant: { id, title }, catches: [first] }) =>
      first ? [`## ${id} ${title}\n\n\`\`\`\n${first.text.trim()}\n\`\`\`\n`] : [],
    )
    .join('\n')
