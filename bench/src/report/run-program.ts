/** Runs a program, and prints why it fails. Its exit status is 64, and it prints its usage, if the arguments are wrong. */
export const runProgram = async (usage: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    const isUsage = error instanceof RangeError || error instanceof TypeError
    console.error(isUsage ? `${error.message}\n\n${usage}` : error)
    process.exitCode = isUsage ? 64 : 1
  }
}
