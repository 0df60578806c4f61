// What the Velero server, a store or this program says about a bucket that cannot be used, and what it means.

export type StorageCauseCode =
  | "stray-directory"
  | "invalid-config"
  | "no-plugin"
  | "secret-missing"
  | "profile-missing"
  | "no-credentials"
  | "bad-ca"
  | "bad-url"
  | "plain-http"
  | "untrusted"
  | "no-host"
  | "refused"
  | "unanswered"
  | "no-pods"
  | "proxy"
  | "wrong-key"
  | "wrong-secret"
  | "expired-token"
  | "skewed"
  | "wrong-region"
  | "missing-bucket"
  | "bad-bucket-name"
  | "denied"
  | "encryption"
  | "not-s3"
  | "host-style"
  | "busy";

export interface Rule {
  readonly code: StorageCauseCode;
  readonly pattern: RegExp;
  /** The found parts of the pattern are put in place of $1. */
  readonly sentence: string;
  readonly hint: string;
}

/** The first that fits is the cause: what an outer sentence only wraps stands behind what it wraps. */
export const rules: readonly Rule[] = [
  {
    code: "stray-directory",
    pattern: /invalid top-level directories: \[?([^\]\n]*[^\]\s.])/i,
    sentence: "the bucket holds directories that are not Velero's: $1",
    hint: "move them out of the bucket, or give the location a prefix of its own",
  },
  {
    code: "invalid-config",
    pattern: /config has invalid keys \[([^\]]*)\]/i,
    sentence: "the location's config has keys that the plugin does not know: $1",
    hint: "take them out of spec.config; upper and lower case matter",
  },
  {
    code: "invalid-config",
    pattern:
      /(A region must be set[^\n]*|could not parse (?:s3ForcePathStyle|insecureSkipTLSVerify)|you can only use one of: [\w, ]+|invalid checksum algorithm: \S+|backup storage location's bucket name "[^"]*" must not contain a '\/'|cannot specify both caCert and caCertRef|object storage provider name must not be empty|contents of customerKey\w+[^,]*|provided customerKey\w+ does not exist)/i,
    sentence: "the location's settings are not valid: $1",
    hint: "correct them in the location's spec",
  },
  {
    code: "no-plugin",
    pattern: /unable to locate ObjectStore plugin named ([\w./-]+)/i,
    sentence: "the Velero server has no plugin for provider $1",
    hint: "correct the location's provider, or install the plugin into the server",
  },
  {
    code: "bad-ca",
    pattern:
      /error getting CA certificate from secret: ([^\n]*)|(caCert is not a certificate in PEM)|(?:invalid|unable to (?:parse|append|load)|failed to (?:parse|append|load))[^\n]*(?:CA certificate|custom CA|CA bundle|caCert)/i,
    sentence: "the location's CA cannot be used: $1",
    hint: "put the store's CA, PEM in base64, into objectStorage.caCert, or correct caCertRef",
  },
  {
    code: "profile-missing",
    pattern: /(?:failed to get shared config profile, |holds no keys for profile )"?([\w.@-]+)/i,
    sentence: "the credentials have no profile $1",
    hint: "name a profile that the Secret's file has (spec.config.profile), or add it to the file",
  },
  {
    code: "secret-missing",
    pattern:
      /unable to get (?:credentials|key for secret)[^\n]*|secrets? "[^"]+" not found|Secret \S+ in namespace \S+ has no key \S+|missing data for key/i,
    sentence: "the Secret with the location's credentials, or its key, does not exist",
    hint: "create it, or correct spec.credential",
  },
  {
    code: "no-credentials",
    pattern:
      /no EC2 IMDS role found|failed to refresh cached credentials|NoCredentialProviders|get credentials: |no valid providers in chain|static credentials are empty|unable to load credentials/i,
    sentence: "the server found no credentials to use",
    hint: "put the keys into the location's Secret as an AWS credentials file ([default], aws_access_key_id, aws_secret_access_key)",
  },
  {
    code: "expired-token",
    pattern:
      /\b(ExpiredToken(?:Exception)?|InvalidToken(?:Id)?|TokenRefreshRequired)\b|security token (?:included in the request )?(?:is|has) (?:expired|invalid)/i,
    sentence: "the session token of the credentials has expired or is not valid",
    hint: "put fresh keys and token into the location's Secret; keys of a user instead of a session do not expire",
  },
  {
    code: "wrong-key",
    pattern:
      /\b(InvalidAccessKeyId|InvalidClientTokenId|AccessKeyNotFound)\b|access key id you provided does not exist/i,
    sentence: "the store does not know the access key",
    hint: "put the right aws_access_key_id into the location's Secret",
  },
  {
    code: "wrong-secret",
    pattern: /\bSignatureDoesNotMatch\b|request signature we calculated does not match/i,
    sentence: "the secret key does not belong to the access key",
    hint: "put the right aws_secret_access_key into the location's Secret",
  },
  {
    code: "skewed",
    pattern:
      /\bRequestTimeTooSkewed\b|\bRequestExpired\b|request time and the (?:server's|current) time is too large|Request is not valid yet/i,
    sentence: "the clocks of the store and of whoever asks it differ by more than 15 minutes",
    hint: "set both by NTP",
  },
  {
    code: "wrong-region",
    pattern:
      /\b(?:AuthorizationHeaderMalformed|AuthorizationQueryParametersError|PermanentRedirect|BucketRegionError|IllegalLocationConstraintException|TemporaryRedirect)\b|MovedPermanently|StatusCode: 301|unable to determine bucket's region|region '[^']*' is wrong/i,
    sentence: "the bucket is not in the location's region",
    hint: "correct spec.config.region",
  },
  {
    code: "missing-bucket",
    pattern: /\bNoSuchBucket\b|specified bucket does not exist/i,
    sentence: "the bucket does not exist",
    hint: "create the bucket, or correct spec.objectStorage.bucket",
  },
  {
    code: "bad-bucket-name",
    pattern: /\bInvalidBucketName\b|bucket name is not valid|specified bucket is not valid/i,
    sentence: "the bucket's name is not one that S3 allows",
    hint: "correct spec.objectStorage.bucket: small letters, digits, dots and hyphens",
  },
  {
    code: "encryption",
    pattern: /\b(KMS is not configured|KMSNotConfigured|KMS\.\w+)/,
    sentence: "the store cannot encrypt as the location asks: $1",
    hint: "correct spec.config.serverSideEncryption or kmsKeyId, or give the store its keys (KMS)",
  },
  {
    code: "denied",
    pattern:
      /\b(AccessDenied|AllAccessDisabled|AccountProblem)\b|\bapi error Forbidden\b|StatusCode: 403|answered (?:Forbidden|status 403)/i,
    sentence: "the credentials are right but may not do this",
    hint: "allow them s3:ListBucket on the bucket, and s3:GetObject, PutObject and DeleteObject in it",
  },
  {
    code: "plain-http",
    pattern:
      /server gave HTTP response to HTTPS client|Client sent an HTTP request to an HTTPS server|HTTP request to an HTTPS/i,
    sentence: "one side speaks TLS and the other does not",
    hint: "write http:// or https:// in spec.config.s3Url as the store speaks",
  },
  {
    code: "untrusted",
    pattern: /x509: ([^\n]*)|unknown certificate authority|failed to verify certificate(?!: x509)[^\n]*/i,
    sentence: "the store's certificate is not trusted: $1",
    hint: "put its CA, PEM in base64, into objectStorage.caCert",
  },
  {
    code: "proxy",
    pattern:
      /(proxyconnect tcp[^\n]*|socks connect tcp[^\n]*|proxy \S+ for \S+: [^\n]*|Proxy Authentication Required)/i,
    sentence: "a proxy on the way does not pass it on: $1",
    hint: "correct HTTPS_PROXY, or add the store to NO_PROXY",
  },
  {
    code: "no-host",
    pattern:
      /lookup (\S+?)(?: on \S+)?: (?:no such host|server misbehaving|temporary failure in name resolution|i\/o timeout)/i,
    sentence: "DNS knows no host $1",
    hint: "correct spec.config.s3Url; without one, spec.config.region is part of the host",
  },
  {
    code: "no-host",
    pattern: /services "([^"]+)" not found/i,
    sentence: "the cluster has no Service $1",
    hint: "correct spec.config.s3Url",
  },
  {
    code: "refused",
    pattern: /(Service \S+ in namespace \S+ has no port \d+[^\n]*)/i,
    sentence: "$1",
    hint: "correct the port in spec.config.s3Url",
  },
  {
    code: "no-pods",
    pattern: /(Service \S+ in namespace \S+ has no pod that is ready)/i,
    sentence: "the store does not run: $1",
    hint: "look at its pods",
  },
  {
    code: "refused",
    pattern: /(?:dial tcp )?(\S+): connect: connection refused|connection refused/i,
    sentence: "nothing listens at the store's address",
    hint: "see whether the store runs, and correct host and port in spec.config.s3Url",
  },
  {
    code: "unanswered",
    pattern:
      /i\/o timeout|context deadline exceeded|connection timed out|no route to host|network is unreachable|no (?:connection|answer) within|Client\.Timeout|connection reset by peer|\bEOF\b/i,
    sentence: "the store does not answer",
    hint: "see whether the store runs, and whether a firewall or a network policy is in between",
  },
  {
    code: "busy",
    pattern:
      /\b(SlowDown|ServiceUnavailable|InternalError|XMinioServerNotInitialized|RequestTimeout|XMinioStorageFull|InsufficientStorage|QuotaExceeded)\b|StatusCode: (?:503|500|507)/i,
    sentence: "the store cannot do it now: $1",
    hint: "look at the store: its disks may be full or not ready",
  },
  {
    code: "not-s3",
    pattern:
      /answered (status \d+), and no word of S3|(?:MalformedXML|deserialization failed|failed to decode response body)/i,
    sentence: "something answers there, and not as S3 does",
    hint: "correct host and port in spec.config.s3Url: it may be the store's web page or a proxy",
  },
  {
    code: "host-style",
    pattern: /a list of its buckets: it wants path style/,
    sentence: "the store takes no bucket from the name of its host",
    hint: 'set spec.config.s3ForcePathStyle to "true" (location create: --path-style)',
  },
  {
    code: "bad-url",
    pattern: /Invalid s3 url (\S+),|unsupported protocol scheme "?\w*/i,
    sentence: "spec.config.s3Url is not an address",
    hint: "write it as http://HOST:PORT or https://HOST:PORT, without a path",
  },
];
