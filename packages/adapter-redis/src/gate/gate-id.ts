/** Names the gate of one coupon of one database. */
export interface GateId {
  /** The id of the database. It contains no space. */
  readonly database: string
  readonly couponId: string
}

/** The id as one text, for maps and queues. */
export const gateText = ({ database, couponId }: GateId): string => `${database} ${couponId}`

export const gateIdOf = (text: string): GateId => {
  const [database = '', couponId = ''] = text.split(' ')
  return { database, couponId }
}
