import { MillraceError } from '../../core/errors/index.ts'

/** Something that may pass: it is told to people, and tried again. */
export class Passing extends Error {}

/** Passes where the topic is about to be created; a source may be told not to wait for that. */
export class TopicMissing extends Passing {
  constructor(topic: string) {
    super(`topic ${topic} does not exist`)
  }
}

/** Kafka's error codes (https://kafka.apache.org/protocol#protocol_error_codes) that pass by themselves. */
const PASSING: Readonly<Record<number, string>> = {
  2: 'a broker found a corrupt record batch',
  3: 'the topic or partition is unknown to the broker',
  5: 'a partition has no leader',
  6: 'a partition has another leader now',
  7: 'the broker timed out',
  8: 'the broker is not available',
  9: 'a replica is not available',
  13: 'the broker lost a connection',
  56: 'a broker has trouble with its disk',
  74: 'a partition has a newer leader',
  75: 'the broker does not know of the newest leader yet',
  78: 'the new leader is not up to date yet',
  100: 'the topic id is unknown to the broker',
  103: 'the topic id changed',
}

const UNAUTHORIZED = 29

/** What a partition's error code means: an error to throw, passing or not. OFFSET_OUT_OF_RANGE (1) is not asked here. */
export const errorOfCode = (code: number, topic: string, partition: number): Error => {
  const passing = PASSING[code]
  const place = { topic, partition }
  if (passing !== undefined) return new Passing(`${passing} (${topic}, partition ${partition})`)
  if (code === UNAUTHORIZED) {
    return new MillraceError('ENG_KAFKA_AUTHORIZATION', `the broker refuses to let this client read ${topic}`, place)
  }
  const message = `the broker answered a fetch of ${topic}, partition ${partition}, with error code ${code}`
  return new MillraceError('ENG_KAFKA_PROTOCOL', message, place)
}

/** What kafkajs threw, by meaning. Its errors wrap each other; the innermost that has a type says most. */
export const errorOfClient = (thrown: unknown, topic: string, brokers: readonly string[]): Error => {
  if (thrown instanceof MillraceError || thrown instanceof Passing) return thrown
  const chain = causes(thrown)
  const types = chain.map((error) => error.type)
  if (types.includes('UNKNOWN_TOPIC_OR_PARTITION')) return new TopicMissing(topic)
  if (types.includes('INVALID_TOPIC_EXCEPTION')) {
    return new MillraceError('ENG_KAFKA_TOPIC_UNKNOWN', `“${topic}” is no name of a Kafka topic`, { topic })
  }
  if (types.includes('TOPIC_AUTHORIZATION_FAILED')) return errorOfCode(UNAUTHORIZED, topic, 0)
  const last = chain.at(-1)
  if (last instanceof RangeError) {
    const message = `a broker's answer about ${topic} is not what the protocol says: ${last.message}`
    return new MillraceError('ENG_KAFKA_PROTOCOL', message, { topic, cause: thrown })
  }
  const bug = chain.find((error) => error instanceof TypeError || error instanceof ReferenceError)
  if (bug !== undefined) return bug
  return new Passing(`Kafka at ${brokers.join(', ')} does not answer: ${last?.message ?? String(thrown)}`)
}

const causes = (thrown: unknown): (Error & { readonly type?: string })[] => {
  const chain: (Error & { readonly type?: string })[] = []
  for (let error = thrown; error instanceof Error && chain.length < 10; error = error.cause) chain.push(error)
  return chain
}
