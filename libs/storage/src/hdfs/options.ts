/** TLS towards NameNodes and DataNodes, in PEM. */
export interface HdfsTls {
  /** Certificate authorities to trust instead of the system's. */
  readonly ca?: string
  /** The client's own certificate and key. */
  readonly cert?: string
  readonly key?: string
}

export interface HdfsStorageOptions {
  /** `http://host:9870` or `https://host:9871`, one per NameNode of a cluster; which is active is found out. */
  readonly namenodes: readonly string[]
  /** Absolute directory of HDFS, `/` between names, not percent-encoded; made on the first write. */
  readonly root: string
  /** Sent as `user.name` where no delegation token is: all the authentication that a cluster without Kerberos has. */
  readonly user?: string
  readonly delegationToken?: string
  readonly tls?: HdfsTls
  /**
   * Hosts that a NameNode may redirect to: names, or `*.domain` for those below one; the NameNodes' own are always
   * allowed. Default: every host but this machine (unless a NameNode is on it) and link-local addresses.
   */
  readonly allowedRedirectHosts?: readonly string[]
  /** For a connection to be made. Default 10 s. */
  readonly connect_timeout_ms?: number
  /** For an answer to begin, and for a body in either direction to go on. Default 60 s. */
  readonly answer_timeout_ms?: number
  /** Hex digits, unpredictable: `bytes * 2` of them. */
  readonly randomHex?: (bytes: number) => string
}
