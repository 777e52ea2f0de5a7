/** Options that name a program or its form, with their value as the next argument. */
const programOptions = new Set(['-e', '--eval', '-p', '--print', '-pe', '--input-type'])

/** The options of this process that its workers take over: all but the program that some of them name. */
export const argumentsOfNode = (execArgv: readonly string[]): string[] =>
  execArgv.filter((argument, index) => {
    const isValue = !argument.startsWith('-') && programOptions.has(execArgv[index - 1] ?? '')
    return !isValue && !programOptions.has(argument.replace(/=.*$/s, ''))
  })
