/** On a terminal one line that changes; elsewhere one line for each thing that is shown. */
export const makeProgress = (stream: NodeJS.WriteStream): { show(line: string): void; end(): void } => {
  const isLive = stream.isTTY === true
  return {
    show: (line) => void stream.write(isLive ? `\r\x1b[2K${line.slice(0, stream.columns - 1)}` : `${line}\n`),
    end: () => void (isLive && stream.write('\r\x1b[2K')),
  }
}
