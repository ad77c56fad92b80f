import { faker } from '@faker-js/faker/locale/en'

/** Words that faker made once: picking from them is some hundred times faster than asking faker for each book. */
export interface Pools {
  readonly titles: readonly string[]
  readonly names: readonly string[]
  readonly countries: readonly string[]
  readonly emails: readonly string[]
  readonly cities: readonly string[]
  readonly products: readonly string[]
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

export const makePools = (seed: number): Pools => {
  faker.seed(seed)
  return {
    titles: times(400, () => `${faker.book.title()}${faker.datatype.boolean(0.1) ? ' & Other <Stories>' : ''}`),
    names: times(400, () => faker.person.fullName()),
    countries: times(120, () => faker.location.country()),
    emails: times(200, () => faker.internet.email()),
    cities: times(200, () => faker.location.city()),
    products: times(200, () => faker.commerce.productName()),
  }
}
