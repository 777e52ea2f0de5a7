/** A promise that a test resolves when it chooses to. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export const gate = (): Gate => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
