import { isShopProblem } from '@shop/server-express/client'
import { useState } from 'preact/hooks'
import { Field } from '../parts/field.js'
import { Outcome } from '../parts/notice.js'
import { useAction } from '../parts/use-action.js'
import { isChoosing, shop } from '../state/session.js'
import type { Explained } from '../words/refusals.js'
import { explained, nameOf, words } from '../words/words.js'

const explainCode = (failure: unknown): Explained => {
  const { code } = words.value.drops
  if (isShopProblem(failure, 'COUPON_NOT_FOUND')) return { what: code.unknown, todo: code.unknownTodo }
  if (isShopProblem(failure, 'RATE_LIMITED')) return { what: code.tooMany, todo: code.tooManyTodo }
  return explained(failure)
}

interface CouponCodeProps {
  readonly userId: string | undefined
  readonly onIssued: () => void
}

/** The form for coupons that are not in the list. */
export const CouponCode = ({ userId, onIssued }: CouponCodeProps) => {
  const { coupons, drops } = words.value
  const [typed, setTyped] = useState('')
  const action = useAction()
  const submit = () =>
    action.run(async () => {
      if (userId === undefined) {
        isChoosing.value = true
        return undefined
      }
      const { name } = await shop.post('/api/coupon/issue', { body: { userId, code: typed.trim() } })
      setTyped('')
      onIssued()
      return coupons.claimed(nameOf(name))
    })
  return (
    <section class="card narrow coupon-code">
      <h2>{drops.code.title}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Field
          label={drops.code.label}
          value={typed}
          onInput={setTyped}
          pattern="\s*[A-Za-z0-9\-]{3,40}\s*"
          maxLength={60}
          autocomplete="off"
          spellcheck={false}
        >
          <button type="submit" disabled={action.isBusy}>
            {drops.code.get}
          </button>
        </Field>
      </form>
      <Outcome action={action} explain={explainCode} />
    </section>
  )
}
