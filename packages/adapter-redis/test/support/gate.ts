/** Something that a test lets go on when it likes. */
export interface Gate<T = void> {
  readonly opened: Promise<T>
  open(value: T): void
}

export const gate = <T = void>(): Gate<T> => {
  let open: (value: T) => void = () => {}
  const opened = new Promise<T>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
