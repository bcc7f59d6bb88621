/**
 * Every query parameter by which S3 knows an operation or changes one, from the AWS SDK's own model. S3 passes over all
 * others, such as `x-id`.
 */
const KNOWN: ReadonlySet<string> = new Set(
  [
    'abac accelerate acl analytics annotation annotation-prefix annotationName append attributes bucket-region',
    'continuation-token cors delete delimiter encoding-type encryption fetch-owner id intelligent-tiering inventory',
    'key-marker legal-hold lifecycle list-type location logging marker max-annotation-results max-buckets',
    'max-directory-buckets max-keys max-parts max-uploads metadataAnnotationTable metadataConfiguration',
    'metadataInventoryTable metadataJournalTable metadataTable metrics notification object-lock ownershipControls',
    'part-number-marker partNumber policy policyStatus prefix publicAccessBlock renameObject replication',
    'requestPayment response-cache-control response-content-disposition response-content-encoding',
    'response-content-language response-content-type response-expires restore retention select select-type session',
    'start-after tagging torrent upload-id-marker uploadId uploads versionId version-id-marker versioning versions',
    'website',
  ].flatMap((line) => line.split(' ')),
)

/** The parameters that each operation of this server heeds. */
const HEEDED: Readonly<Record<string, string>> = {
  AbortMultipartUpload: 'uploadId',
  CompleteMultipartUpload: 'uploadId',
  CreateMultipartUpload: 'uploads',
  DeleteObject: 'versionId',
  DeleteObjects: 'delete',
  DeleteObjectTagging: 'tagging versionId',
  GetBucketEncryption: 'encryption',
  GetBucketLocation: 'location',
  GetBucketVersioning: 'versioning',
  GetObject: 'partNumber versionId',
  GetObjectTagging: 'tagging versionId',
  HeadObject: 'partNumber versionId',
  ListMultipartUploads: 'uploads prefix encoding-type max-uploads key-marker upload-id-marker',
  ListObjectsV2:
    'list-type prefix delimiter start-after continuation-token max-keys encoding-type fetch-owner',
  ListParts: 'uploadId max-parts part-number-marker',
  PutObjectTagging: 'tagging versionId',
  UploadPart: 'partNumber uploadId',
  UploadPartCopy: 'partNumber uploadId',
}

/** Whether the query holds a parameter that S3 knows and this operation of the server does not. */
export function hasUnheededParameter(
  operation: string,
  query: ReadonlyMap<string, string>,
): boolean {
  const heeded = HEEDED[operation]?.split(' ') ?? []
  // No versions are kept: each object is its own version `null`.
  const named = query.get('versionId')
  if (named !== undefined && named !== 'null') return true
  return query.keys().some((name) => KNOWN.has(name) && !heeded.includes(name))
}

/** Headers that S3 heeds and this server does not: to pass over them would be a false success. */
const UNHEEDED_HEADERS =
  /^x-amz-(?:object-lock-|grant-|if-match-|expected-bucket-owner$|source-expected-bucket-owner$|mfa$|write-offset-bytes$|(?:copy-source-)?server-side-encryption-customer-)/

/** The first header of a request that S3 would heed and this server does not. */
export const unheededHeader = (
  headers: Readonly<Record<string, string | undefined>>,
): string | undefined => Object.keys(headers).find((name) => UNHEEDED_HEADERS.test(name))
