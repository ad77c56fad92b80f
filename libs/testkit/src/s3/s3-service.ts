export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A running S3 server for tests. Path style, plain HTTP on loopback. */
export interface S3Service {
  /** `http://127.0.0.1:port`; the same after a restart. */
  readonly endpoint: string
  readonly region: string
  /** Of the owner of everything. */
  readonly credentials: S3Credentials
  /** Makes an empty bucket (a name of its own unless one is given) and answers its name. */
  bucket(name?: string): Promise<string>
  /** Makes a user who may do nothing with the buckets above. */
  stranger(): Promise<S3Credentials>
  /** Stops answering, connections stay open (SIGSTOP), until `resume`. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends the server as a power cut would: kill -9. */
  kill(): Promise<void>
  /** Starts it again after a kill, on its data and its port; resolves when it answers. */
  restart(): Promise<void>
  /** Ends everything and removes the data. */
  stop(): Promise<void>
}

export const REGION = 'us-east-1'
export const OWNER: S3Credentials = { accessKeyId: 'millrace-owner', secretAccessKey: 'only-for-tests-on-loopback' }
