import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface S3ClientOptions {
  /** `https://host[:port]` of an S3-compatible store. Default: AWS, or what AWS_ENDPOINT_URL_S3 says. */
  readonly endpoint?: string
  /** Default: AWS_REGION or the profile's; `us-east-1` where an endpoint is given. */
  readonly region?: string
  /** Bucket in the path instead of the host name. Default: true where an endpoint is given. */
  readonly pathStyle?: boolean
  /** Default: AWS's own chain (environment, profile, SSO, web identity, container, instance). */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>)
  /** Gives up on a connection attempt. Default 5 s. */
  readonly connect_ms_max?: number
  /** Gives up on a request when nothing moved for so long. Default 60 s. */
  readonly idle_ms_max?: number
  /** Requests at a time. Default 64. */
  readonly sockets_max?: number
}

/** Two clients that differ in one thing: who repeats a request whose answer is lost. */
export interface S3Clients {
  /** Repeats by itself: for what may be done twice (reads, parts, deletes). */
  readonly repeating: S3Client
  /** Never repeats: for conditional writes, whose second answer could be `exists` of our own first. */
  readonly once: S3Client
}

const REPEATS_MAX = 4

/** The SDK's version is pinned here, so that its word about releases to come is not for those who run Millrace. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'

/** Opens no connection. */
export function s3Clients(options: S3ClientOptions): S3Clients {
  const { connect_ms_max = 5_000, idle_ms_max = 60_000, sockets_max = 64 } = options
  const env = process.env
  const hasEndpoint = [options.endpoint, env['AWS_ENDPOINT_URL_S3'], env['AWS_ENDPOINT_URL']].some(Boolean)
  const region = options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  const agent = { keepAlive: true, maxSockets: sockets_max }
  const config: S3ClientConfig = {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(region !== undefined ? { region } : hasEndpoint ? { region: 'us-east-1' } : {}),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    forcePathStyle: options.pathStyle ?? hasEndpoint,
    followRegionRedirects: false,
    // The adapter sends CRC-32 itself, in a header: trailers are what imitators of S3 know least.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connect_ms_max,
      socketTimeout: idle_ms_max,
      httpAgent: agent,
      httpsAgent: agent,
    },
  }
  return {
    repeating: new S3Client({ ...config, maxAttempts: REPEATS_MAX }),
    once: new S3Client({ ...config, maxAttempts: 1 }),
  }
}
