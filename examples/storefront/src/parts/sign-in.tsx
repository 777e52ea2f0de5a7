import { useEffect, useRef } from 'preact/hooks'
import { demo, isChoosing, loadDemo, session, signIn, signOut } from '../state/session.js'
import { personOf, words } from '../words/words.js'
import { Outcome } from './notice.js'
import { useAction } from './use-action.js'

/** One button per demo account. */
const Accounts = () => {
  const action = useAction()
  const { sign } = words.value
  if (!demo.value) return null
  if (demo.value.signIn === 'elsewhere') return <p class="soft">{sign.elsewhere}</p>
  return (
    <>
      <ul class="accounts">
        {demo.value.users.map(({ userId, isAdministrator }) => (
          <li key={userId}>
            <button
              type="button"
              disabled={action.isBusy}
              onClick={() =>
                void action.run(async () => {
                  await signIn(userId)
                  return undefined
                })
              }
            >
              <span class="avatar" aria-hidden="true">
                {personOf(userId).charAt(0)}
              </span>
              <span>
                {personOf(userId)}
                {isAdministrator && <small>{sign.administratorHint}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Outcome action={action} />
    </>
  )
}

/** Placeholder for content that requires a sign-in. */
export const SignInFirst = () => (
  <section class="card narrow">
    <h2>{words.value.sign.needed}</h2>
    <p class="soft">{words.value.sign.hint}</p>
    <Accounts />
  </section>
)

/** The dialog to choose a demo account. */
export const SignInDialog = () => {
  const dialog = useRef<HTMLDialogElement>(null)
  const { sign, common } = words.value
  const isOpen = isChoosing.value
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  useEffect(() => {
    void loadDemo().catch(() => undefined)
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby="who"
      onClose={() => {
        isChoosing.value = false
      }}
    >
      <h2 id="who">{sign.who}</h2>
      <p class="soft">{sign.hint}</p>
      <Accounts />
      <p class="row end">
        {session.value && (
          <button
            type="button"
            onClick={() => {
              signOut()
              isChoosing.value = false
            }}
          >
            {sign.out}
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            isChoosing.value = false
          }}
        >
          {common.close}
        </button>
      </p>
    </dialog>
  )
}
