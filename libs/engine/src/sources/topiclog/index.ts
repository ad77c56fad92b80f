export { openTopicLogReader } from './reader.ts'
export { type AppendOptions, openTopicLogWriter, type TopicLogOptions, type TopicLogWriter } from './writer.ts'
