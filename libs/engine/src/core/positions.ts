/**
 * Positions say what to read next: `{ [topic]: { [partition]: next offset } }`. Offsets are decimal strings, because
 * positions are written as JSON and a Kafka offset is a 64-bit integer.
 */
export type Positions = Readonly<Record<string, Readonly<Record<string, string>>>>

export const emptyPositions: Positions = Object.freeze({})

export const positionOf = (positions: Positions, topic: string, partition: number): bigint | undefined => {
  const text = positions[topic]?.[String(partition)]
  return text === undefined ? undefined : BigInt(text)
}

/** A new value with one position moved; the argument stays as it is. */
export const withPosition = (positions: Positions, topic: string, partition: number, offset: bigint): Positions => ({
  ...positions,
  [topic]: { ...positions[topic], [String(partition)]: String(offset) },
})

/** Canonical text: topics and partitions in order. Two positions are equal when their texts are. */
export const positionsText = (positions: Positions): string =>
  JSON.stringify(
    Object.keys(positions)
      .sort()
      .map((topic) => [topic, Object.entries(positions[topic] ?? {}).sort(([a], [b]) => Number(a) - Number(b))]),
  )

export const samePositions = (a: Positions, b: Positions): boolean => positionsText(a) === positionsText(b)
