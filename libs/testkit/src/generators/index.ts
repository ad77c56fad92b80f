export { type Book, booksXml } from './book-xml.ts'
export { type BooksMessage, type BooksOptions, type BooksTruth, books } from './books.ts'
export { type EventsMessage, type EventsOptions, events } from './events.ts'
export { SeededRandom } from './random.ts'
