export { createFeed, type OpenSource } from './feed.ts'
export { createFeedWorker } from './feed-client.ts'
