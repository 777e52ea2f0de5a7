/** On a terminal, updates one line. Elsewhere, prints one line per message. */
export const makeProgress = (stream: NodeJS.WriteStream): { show(line: string): void; end(): void } => {
  const isLive = stream.isTTY === true
  return {
    show: (line) => void stream.write(isLive ? `\r\x1b[2K${line.slice(0, stream.columns - 1)}` : `${line}\n`),
    end: () => void (isLive && stream.write('\r\x1b[2K')),
  }
}
