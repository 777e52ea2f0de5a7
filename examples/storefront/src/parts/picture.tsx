/** The drawn scenes, by file name without its ending. */
const scenes = Object.fromEntries(
  Object.entries(import.meta.glob<string>('../pictures/*.svg', { eager: true, query: '?url', import: 'default' })).map(
    ([path, address]) => [path.replace(/^.*\/|\.svg$/g, ''), address],
  ),
)

/** The scene of a demo product. The rounds of the drop share one. */
const sceneOf = (productId: string): string | undefined => scenes[productId.replace(/^demo-|-\d+$/g, '')]

/** Products that have no scene of their own come in a parcel, each with paper of another colour. */
const hueOf = (id: string): number => [...id].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 360, 7)

interface PictureProps {
  readonly productId: string
  /** Whether it is on the first screen, where it must not wait. */
  readonly isFirst?: boolean
}

/** The picture of a product. It only repeats what the name beside it says. */
export const Picture = ({ productId, isFirst = false }: PictureProps) => {
  const own = sceneOf(productId)
  return (
    <img
      class="picture"
      src={own ?? scenes['parcel']}
      style={own === undefined ? `filter:hue-rotate(${hueOf(productId)}deg)` : undefined}
      width={400}
      height={300}
      alt=""
      loading={isFirst ? 'eager' : 'lazy'}
      decoding="async"
    />
  )
}
