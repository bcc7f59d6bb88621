import { __esmMin, __name } from "./rolldown-runtime.js";
import { readFileSync, writeSync } from "node:fs";
import net from "node:net";
import { Readable } from "node:stream";
import tls from "node:tls";
import { crc32 } from "node:zlib";

// \0crypto
var all, createHash, createHmac, createSecretKey, hash, randomBytes, randomUUID, X509Certificate;
var init__crypto = __esmMin((() => {
	all = process.getBuiltinModule("node:crypto");
	({createHash, createHmac, createSecretKey, hash, randomBytes, randomUUID, X509Certificate} = all);
}));

// src/errors/service-error.ts
/** No service needs more to say what is wrong, and a hostile one must not fill memory and disk. */
const MOST_MESSAGE_CHARS = 500;
/** Behind a long key stands why it is refused, and behind that the ids that s5cmd tells. */
const END_PART = .5;
/** A text that somebody else wrote, no longer than is of use: its beginning and its end. */
function shortened(text, mostChars = MOST_MESSAGE_CHARS) {
	if (text.length <= mostChars) return text;
	const endChars = Math.floor(mostChars * END_PART);
	return `${text.slice(0, mostChars - endChars - 1).replace(/\S*$/, "")}…${text.slice(-endChars).replace(/^\S*/, "")}`;
}
/** A request that failed: the one form of what the SDK, the network and our own requests throw. */
var ServiceError = class extends Error {
	/** The code, as the SDK has it. */
	name;
	code;
	status;
	/** How long the service wants to be left alone; undefined: it does not say. */
	retryAfterMs;
	constructor(code, message, details = {}) {
		const { status, cause, retryAfterMs } = details;
		super(shortened(message), cause === void 0 ? {} : { cause });
		this.name = code;
		this.code = code;
		this.status = status;
		this.retryAfterMs = retryAfterMs;
	}
};
/** Who wants to be left alone for longer is asked all the same. */
const MOST_ASKED_MS = 2e4;
/** How long a service asks to be left alone behind a failure, as far as that is respected; 0: it does not ask. */
const askedWaitMs = ({ retryAfterMs = 0 }) => Math.min(retryAfterMs, MOST_ASKED_MS);

// src/errors/own-codes.ts
/** Codes that this action gives to what it meets itself: the network, the run, the places. */
const OWN_CODES = [
	{
		code: "RequestError",
		retry: "request",
		meaning: "The service could not be reached",
		remedy: "check endpoint-url, the network and, if there is a proxy, HTTP_PROXY, HTTPS_PROXY and NO_PROXY"
	},
	{
		code: "RequestTimeout",
		retry: "request",
		meaning: "The connection was too slow",
		remedy: "run again, or lower numworkers"
	},
	{
		code: "RequestNotSent",
		retry: "no",
		meaning: "The request could not be built from its values",
		remedy: "usually a key or token contains a line break or another character that is invalid in a header: paste the secret again"
	},
	{
		code: "UntrustedCertificate",
		retry: "no",
		meaning: "The TLS certificate of the service, or of a TLS-intercepting proxy, is not trusted",
		remedy: "set AWS_CA_BUNDLE to a PEM file with the CA that signed it"
	},
	{
		code: "ProxyRefused",
		retry: "no",
		meaning: "The proxy refused the connection",
		remedy: "check user and password in HTTPS_PROXY or HTTP_PROXY, and the rules of the proxy"
	},
	{
		code: "Redirected",
		retry: "no",
		meaning: "The server redirects to another address; signed requests are not redirected",
		remedy: "set endpoint-url to the address of the S3 API"
	},
	{
		code: "RequestTooLarge",
		retry: "no",
		meaning: "The service, or a proxy in front of it, rejects requests of this size",
		remedy: "raise its limit (client_max_body_size in nginx), or set part-size below that limit"
	},
	{
		code: "AnswerTooLong",
		retry: "no",
		meaning: "The response of the service exceeds the size limit",
		remedy: "check endpoint-url, and any proxy in front of the service"
	},
	{
		code: "Cancelled",
		retry: "no",
		meaning: "The run was cancelled before it finished this object",
		remedy: "run again"
	},
	{
		code: "LockLost",
		retry: "no",
		meaning: "The run lost its lock before this object was finished",
		remedy: "run again; if the runner was paused or the network failed for long, set a longer ttl in lock"
	},
	{
		code: "MaxDuration",
		retry: "no",
		meaning: "The run reached max-duration",
		remedy: "run again to continue, or raise max-duration"
	},
	{
		code: "OutOfResources",
		retry: "no",
		meaning: "The machine ran out of memory or disk space",
		remedy: "run again to continue; use a larger runner, or lower numworkers"
	},
	{
		code: "Unreachable",
		retry: "no",
		meaning: "The service stopped responding",
		remedy: "check endpoint-url and the network, then run again to continue"
	},
	{
		code: "EngineLost",
		retry: "pass",
		meaning: "s5cmd exited without reporting a result for this object",
		remedy: "run again"
	},
	{
		code: "CredentialsLost",
		retry: "no",
		meaning: "The credentials could not be renewed during the run, or the service rejects new ones as expired",
		remedy: "read the message"
	},
	{
		code: "SourceChanged",
		retry: "no",
		meaning: "The source object changed after it was planned",
		remedy: "run again; with mode: execute, make a new plan first"
	},
	{
		code: "ChangedWhileRead",
		retry: "no",
		meaning: "The file was modified while it was read, so it was not uploaded",
		remedy: "make sure that the step that writes it has finished, then run again"
	},
	{
		code: "FileUnreadable",
		retry: "no",
		meaning: "The file cannot be read on this runner",
		remedy: "read the message, and allow the user of the job to read it, or exclude it"
	},
	{
		code: "FileUnwritable",
		retry: "no",
		meaning: "The file cannot be written on this runner",
		remedy: "read the message, and allow the user of the job to write there, or exclude it"
	},
	{
		code: "FileReadOnly",
		retry: "no",
		meaning: "The file is read-only, so it was not changed",
		remedy: "make it writable, or exclude it"
	},
	{
		code: "NotAFile",
		retry: "no",
		meaning: "A folder, a symbolic link or a device is in the way of the file",
		remedy: "read the message, and rename or remove what is in the way, or exclude the object"
	},
	{
		code: "DiskFull",
		retry: "no",
		meaning: "The disk has no space left for the file, or a disk quota is exceeded",
		remedy: "free some space, or narrow source or include; files that are complete stay"
	},
	{
		code: "NotInSource",
		retry: "no",
		meaning: "The manifest lists an object that the source does not have",
		remedy: "check source and the manifest; if objects may be missing, set manifest-missing: skip"
	},
	{
		code: "ChangedSinceManifest",
		retry: "no",
		meaning: "The source object differs from the manifest",
		remedy: "create the manifest again from the current source"
	},
	{
		code: "DestinationChanged",
		retry: "no",
		meaning: "The destination object was changed by somebody else, so it was not overwritten or deleted",
		remedy: "run again; with mode: execute, make a new plan first"
	},
	{
		code: "ChecksumUnknown",
		retry: "no",
		meaning: "The checksums that this copy was planned by can no longer be read",
		remedy: "make a new plan"
	},
	{
		code: "DestinationExists",
		retry: "no",
		meaning: "Another object already exists under this key, and overwrite: never protects it",
		remedy: "publish under another key, or remove the existing object"
	},
	{
		code: "TagsRefused",
		retry: "no",
		meaning: "The destination rejects objects with tags, which many services do not support",
		remedy: "set tags: drop to copy objects without tags, and remove tags from headers; if it fails again, read the message"
	},
	{
		code: "MetadataNotTold",
		retry: "no",
		meaning: "The source object has metadata that S3 cannot return in a header, so it would be lost",
		remedy: "exclude the object from the headers rules, or write it again with other metadata"
	},
	{
		code: "LostShard",
		retry: "no",
		meaning: "Neither a shard nor the report of S3 Batch Operations tells how the copy of this object ended, so it may not have been copied",
		remedy: "run the job of that shard again, then the job with mode: finish; or run mode: sync, which copies what is missing"
	},
	{
		code: "JobTaskFailed",
		retry: "no",
		meaning: "A task of the S3 Batch Operations job failed",
		remedy: "see the message, or run mode: sync, which copies what is missing"
	},
	{
		code: "HeldBack",
		retry: "no",
		meaning: "This object waits for other objects that failed or cannot be overwritten",
		remedy: "fix those, then run again"
	},
	{
		code: "CopiesFailed",
		retry: "no",
		meaning: "Deletes run only when every copy is done",
		remedy: "fix the copies that failed, then run again"
	},
	{
		code: "DeleteNotDue",
		retry: "no",
		meaning: "According to the list at the destination, delete-after keeps this object for some more time",
		remedy: "make a new plan when that time is over"
	},
	{
		code: "ExtrasNotNoted",
		retry: "no",
		meaning: "The list of objects to delete later (delete-after) could not be written at the destination",
		remedy: "read the message, and run again"
	},
	{
		code: "ExistsAtSource",
		retry: "no",
		meaning: "The source got this object after the plan was made, so it is not deleted",
		remedy: "run again; with mode: execute, make a new plan first"
	},
	{
		code: "NotDeleted",
		retry: "pass",
		meaning: "The service confirmed a delete, but the object still exists",
		remedy: "check endpoint-url, and any proxy in front of the service"
	},
	{
		code: "NotVerified",
		retry: "no",
		meaning: "The copy was reported as done, but the destination does not have it or could not be checked",
		remedy: "something else writes there, the service lost it, or the run ended too early: run again"
	},
	{
		code: "InvalidKey",
		retry: "no",
		meaning: "The key is not valid UTF-8 and cannot be sent in a request",
		remedy: "rename the object"
	},
	{
		code: "SourceListingChanged",
		retry: "no",
		meaning: "Keys were added or removed at the source after the plan was made",
		remedy: "run again while nothing writes there; if nothing does, the service returns incorrect listings: run without delete"
	},
	{
		code: "StoredUnderAnotherName",
		retry: "no",
		meaning: "The destination stores this key under a different spelling (case, Unicode normalization, slashes, spaces), so it cannot be mirrored there",
		remedy: "rename the object at the source, exclude it, or use a destination that preserves keys"
	},
	{
		code: "OtherKeysNamed",
		retry: "no",
		meaning: "The response to a delete contained keys of other objects, so deleting was stopped",
		remedy: "check what is left at the destination, check endpoint-url and any proxy in front of the service, and run without delete until that is fixed"
	},
	{
		code: "ListingFailed",
		retry: "pass",
		meaning: "The listing right before the deletes was incomplete, so nothing was deleted",
		remedy: "run again; if this happens again, the service returns incorrect listings"
	}
];

// src/errors/service-codes.ts
/** The remedy of a code that says nothing by itself. */
const SEE_MESSAGE = "read the message";
const LATER = "run again later";
const SET_REGION = "set aws-region to that region";
const RUN_AGAIN = "run again: the new state is planned";
/** Codes that services send: S3, KMS behind it, STS, and those of compatible services. */
const SERVICE_CODES = [
	{
		code: "SlowDown",
		aliases: [
			"SlowDownRead",
			"SlowDownWrite",
			"Throttling",
			"Throttled",
			"RequestThrottled",
			"RequestLimitExceeded",
			"TooManyRequests",
			"BandwidthLimitExceeded",
			"PriorRequestNotComplete",
			"ProvisionedThroughputExceeded",
			"KMS.Throttling"
		],
		retry: "request",
		throttle: true,
		meaning: "S3 is throttling: too many requests",
		remedy: "lower numworkers, or run again later"
	},
	{
		code: "ServiceUnavailable",
		aliases: ["ServerBusy", "XMinioServerNotInitialized"],
		retry: "request",
		throttle: true,
		meaning: "The service is overloaded",
		remedy: LATER
	},
	{
		code: "InternalError",
		aliases: [
			"InternalFailure",
			"InternalServerError",
			"KMS.Internal",
			"KMS.KMSInternal",
			"KMS.DependencyTimeout"
		],
		retry: "request",
		meaning: "The service had an internal error",
		remedy: LATER
	},
	{
		code: "OperationAborted",
		aliases: ["ConditionalRequestConflict"],
		retry: "request",
		meaning: "Another request for the same object or bucket was in progress",
		remedy: "run again, and make sure that nothing else writes there at the same time"
	},
	{
		code: "TemporaryRedirect",
		retry: "pass",
		meaning: "The bucket is new or has moved, and DNS is not up to date yet",
		remedy: LATER
	},
	{
		code: "RequestTimeTooSkewed",
		aliases: ["RequestExpired"],
		retry: "request",
		meaning: "The clock of this runner differs too much from that of the service",
		remedy: "correct the clock of the runner"
	},
	{
		code: "AccessDenied",
		aliases: ["NotAuthorized"],
		retry: "no",
		meaning: "The identity may not read the source object or write the destination key",
		remedy: "allow s3:GetObject (and s3:GetObjectTagging) on the source; s3:PutObject (and s3:PutObjectTagging) on the destination, s3:GetObject there for overwritten or deleted objects, s3:DeleteObject with delete; and the use of the KMS key, if any",
		role: "{trust} AWS returns the same error for a role that does not exist."
	},
	{
		code: "ExpiredToken",
		retry: "pass",
		expired: "always",
		meaning: "The role session or temporary keys expired",
		remedy: "set role-to-assume, whose session is renewed during the run; keys of an earlier step cannot be renewed: get them right before this step, or with a longer role-duration-seconds (1 hour by default); if they were new, check the clock of the service",
		role: "The OIDC token or the keys that assume the role had expired. A token is valid for minutes: with web-identity-token-file, write a new one right before this step. Temporary keys last 1 hour by default: get new ones right before this step. If they were new, check the clock of this runner."
	},
	{
		code: "InvalidToken",
		retry: "pass",
		expired: "always",
		meaning: "The session token was rejected",
		remedy: "pass access key ID, secret access key and session token of the same session; a token of the global STS endpoint is not valid in regions that are disabled by default"
	},
	{
		code: "InvalidAccessKeyId",
		aliases: [
			"InvalidClientTokenId",
			"UnrecognizedClient",
			"Unauthorized",
			"NotAuthenticated"
		],
		retry: "no",
		expired: "when-due",
		meaning: "The access key does not exist or has expired",
		remedy: "check the credentials",
		role: "STS does not know the keys used to assume the role: check aws-access-key-id and aws-session-token, and sts-endpoint if the service is not AWS."
	},
	{
		code: "SignatureDoesNotMatch",
		aliases: ["IncompleteSignature"],
		retry: "no",
		meaning: "The secret key does not belong to the access key",
		remedy: "paste both again; a proxy in front of your own service must not change host, path or headers",
		role: "The secret key does not belong to the access key: paste both again."
	},
	{
		code: "InvalidIdentityToken",
		retry: "no",
		healsWhere: /Couldn't retrieve verification key/i,
		meaning: "The account does not accept this OIDC token",
		remedy: "create an IAM OIDC identity provider for the issuer and audience of the token",
		role: "The account has no OIDC identity provider for the issuer of this token, or its audience differs. {trust}"
	},
	{
		code: "IDPCommunicationError",
		retry: "request",
		meaning: "STS could not reach the issuer of the token",
		remedy: LATER,
		role: "STS could not reach the issuer of the token: run again later."
	},
	{
		code: "IDPRejectedClaim",
		retry: "no",
		meaning: "The token issuer rejected the token, or it has expired",
		remedy: "run again with a new token",
		role: "The token issuer rejected the token, or it has expired: run again with a new token. {trust}"
	},
	{
		code: "PackedPolicyTooLarge",
		retry: "no",
		meaning: "The session policies are too long in total",
		remedy: "shorten inline-session-policy, or use fewer managed-session-policies",
		role: "Shorten inline-session-policy, or use fewer managed-session-policies."
	},
	{
		code: "MalformedPolicyDocument",
		aliases: ["MalformedPolicy"],
		retry: "no",
		meaning: "The session policy is not valid",
		remedy: "check inline-session-policy",
		role: "Check inline-session-policy."
	},
	{
		code: "InvalidParameterValue",
		retry: "no",
		meaning: "The service rejected a value in the request",
		remedy: SEE_MESSAGE,
		role: "{trust}"
	},
	{
		code: "ValidationError",
		retry: "no",
		meaning: "The service rejected a value in the request",
		remedy: SEE_MESSAGE,
		role: "Check role-to-assume, role-session-name and role-duration-seconds against what the role allows; with role chaining a session lasts at most 3600 seconds, and is renewed automatically."
	},
	{
		code: "RegionDisabled",
		aliases: ["OptInRequired"],
		retry: "no",
		meaning: "This region, or STS in it, is not enabled for the account",
		remedy: "enable it, or set aws-region to another region",
		role: "STS is not enabled in this region: enable it in the IAM account settings, or set aws-region to another region."
	},
	{
		code: "AllAccessDisabled",
		retry: "no",
		meaning: "S3 has disabled all access to the bucket",
		remedy: "check the spelling of source and destination, and contact AWS Support"
	},
	{
		code: "AccountProblem",
		retry: "no",
		meaning: "There is a problem with the AWS account, so S3 rejects its requests",
		remedy: "contact AWS Support"
	},
	{
		code: "NotSignedUp",
		retry: "no",
		meaning: "The AWS account is not signed up for S3",
		remedy: "finish the sign-up, or contact AWS Support"
	},
	{
		code: "InvalidPayer",
		retry: "no",
		meaning: "All access to the object is disabled because of a billing problem of its account",
		remedy: "ask the owner of the object, or contact AWS Support"
	},
	{
		code: "NoSuchKey",
		aliases: ["NotFound"],
		retry: "no",
		meaning: "The source object was removed after it was listed",
		remedy: "run again; with mode: execute, make a new plan first"
	},
	{
		code: "NoSuchBucket",
		retry: "no",
		meaning: "A bucket does not exist",
		remedy: "check the spelling of source and destination"
	},
	{
		code: "PreconditionFailed",
		retry: "no",
		meaning: "The object changed after it was listed",
		remedy: RUN_AGAIN
	},
	{
		code: "InvalidObjectState",
		retry: "no",
		meaning: "The source object is archived",
		remedy: "restore it first, then run again, or exclude it"
	},
	{
		code: "BucketRegionError",
		aliases: ["IllegalLocationConstraint"],
		retry: "no",
		meaning: "The bucket is in another region",
		remedy: SET_REGION
	},
	{
		code: "AuthorizationHeaderMalformed",
		retry: "no",
		meaning: "The bucket is in another region",
		remedy: SET_REGION
	},
	{
		code: "PermanentRedirect",
		retry: "no",
		meaning: "The bucket is in another region",
		remedy: SET_REGION
	},
	{
		code: "VirtualHostDomainRequired",
		aliases: [
			"SecondLevelDomainForbidden",
			"PathStyleDomainForbidden",
			"InvalidPathAccess"
		],
		retry: "no",
		meaning: "The service needs virtual-hosted-style URLs, which are not possible for this bucket or endpoint",
		remedy: "use a host name, not an IP address, in endpoint-url, and a bucket name without dots and uppercase letters"
	},
	{
		code: "NotImplemented",
		aliases: ["UnsupportedOperation"],
		retry: "no",
		meaning: "The service does not implement this request",
		remedy: SEE_MESSAGE
	},
	{
		code: "MethodNotAllowed",
		retry: "no",
		meaning: "The service does not allow this method for the object",
		remedy: "check endpoint-url, and any proxy in front of the service"
	},
	{
		code: "InvalidRequest",
		aliases: [
			"BadRequest",
			"MalformedXML",
			"MissingContentLength",
			"InvalidAction"
		],
		retry: "no",
		meaning: "The service rejected the request as invalid",
		remedy: SEE_MESSAGE
	},
	{
		code: "InvalidArgument",
		retry: "no",
		meaning: "The service rejected an argument of the request",
		remedy: SEE_MESSAGE
	},
	{
		code: "InvalidRange",
		retry: "no",
		meaning: "The service does not return the requested byte range, so objects cannot be streamed safely",
		remedy: "check endpoint-url, and any proxy in front of the service"
	},
	{
		code: "InvalidStorageClass",
		retry: "no",
		meaning: "The service does not support this storage class",
		remedy: "remove storage-class (the input, or in headers)"
	},
	{
		code: "AccessControlListNotSupported",
		retry: "no",
		meaning: "ACLs are disabled for the bucket (Object Ownership: bucket owner enforced)",
		remedy: "remove acl (the input, or in headers)"
	},
	{
		code: "KMS",
		retry: "no",
		meaning: "The KMS key cannot be used",
		remedy: "check that the key of sse-kms-key-id, or of the bucket, exists, is enabled, and is in the region of the bucket; use the full ARN for a key of another account"
	},
	{
		code: "EntityTooLarge",
		retry: "no",
		meaning: "The object is too large for one copy request (5 GiB)",
		remedy: "use engine: direct, which copies it as a multipart upload"
	},
	{
		code: "KeyTooLongError",
		aliases: ["KeyTooLong"],
		retry: "no",
		meaning: "The key is too long for the service",
		remedy: "shorten the key"
	},
	{
		code: "MetadataTooLarge",
		retry: "no",
		meaning: "The metadata of the object would exceed the 2 KB that S3 allows",
		remedy: "shorten metadata in headers (all rules that match the object count, and what it has already)"
	},
	{
		code: "KeyNotStorable",
		aliases: [
			"XMinioParentIsObject",
			"XMinioObjectExistsAsDirectory",
			"XMinioInvalidObjectName",
			"XMinioInvalidResourceName",
			"ObjectParentIsFile",
			"ExistingObjectIsFile",
			"ExistingObjectIsDirectory",
			"InvalidObjectName"
		],
		retry: "no",
		meaning: "The service cannot store an object with this key, or not together with existing objects",
		remedy: "rename the object, or the one whose key is the parent folder of this one; services that store objects in a file system cannot have a file and a folder of the same name"
	},
	{
		code: "QuotaExceeded",
		aliases: [
			"XMinioAdminBucketQuotaExceeded",
			"XMinioStorageFull",
			"InsufficientStorage",
			"StorageFull"
		],
		retry: "no",
		meaning: "The quota of the destination is exceeded",
		remedy: "raise it or free space, then run again to continue"
	},
	{
		code: "NoSuchUpload",
		retry: "pass",
		meaning: "The multipart upload was aborted by someone else, perhaps by a lifecycle rule",
		remedy: "run again"
	},
	{
		code: "InvalidPart",
		retry: "pass",
		meaning: "The service lost a part of a multipart upload",
		remedy: "run again; if it fails again, raise part-size to use fewer parts"
	},
	{
		code: "InvalidPartOrder",
		retry: "no",
		meaning: "The service mixed up the parts of a multipart upload",
		remedy: SEE_MESSAGE
	},
	{
		code: "EntityTooSmall",
		retry: "no",
		meaning: "The service needs larger parts",
		remedy: "raise part-size"
	},
	{
		code: "BadDigest",
		aliases: ["XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"],
		retry: "pass",
		meaning: "The received bytes do not match their checksum",
		remedy: "run again, and check the network and proxies between the runner and the service"
	}
];

// src/errors/spoken.ts
const ACROSS_REGIONS = /VPC endpoints do not support cross-region requests/i;
/** Whether S3 says that it does not copy between regions for who reaches it by a VPC endpoint; it lets bytes pass. */
const isAcrossRegions = ({ message }) => ACROSS_REGIONS.test(message);
const SPOKEN = [
	{
		words: ACROSS_REGIONS,
		resolution: "S3 does not copy between regions through a VPC endpoint: use engine: auto, which streams the bytes through the runner, or a runner that does not use a VPC endpoint for S3."
	},
	{
		words: /the response is not from S3, but a page of/,
		resolution: "The response is not from the service: check endpoint-url, the network, and proxies in front of the service."
	},
	{
		words: /protected by object lock|\bWORM protected\b/i,
		resolution: "The object is protected by Object Lock until its retention period ends or its legal hold is removed: exclude it, or run again after that."
	},
	{
		words: /stored using a form of server.side encryption/i,
		resolution: "The object is encrypted with a key that its owner keeps (SSE-C), which this action does not support: exclude it."
	},
	{
		words: /\bcap exceeded\b/i,
		resolution: "A limit of the account is exceeded: raise it at the service, then run again."
	},
	{
		words: /access key has length \d+|Credential is mal-?formed/i,
		resolution: "The access key ID is not one of this service: paste the access key ID and the secret access key again."
	}
];
/** Headers that an input asks for, and what to do where a service does not take them. */
const HEADERS = [
	[/^x-amz-tagging/, "The service does not support tags: set tags: drop."],
	[/^x-amz-storage-class$/, "The service does not support this storage class: remove storage-class."],
	[/^x-amz-(?:acl$|grant-)/, "The service does not support ACLs: remove acl."],
	[/^x-amz-server-side-encryption/, "The service does not support this encryption: remove sse and sse-kms-key-id."],
	[/^x-amz-request-payer$/, "The service does not support Requester Pays: remove request-payer."]
];
/** `Header 'x' with value 'y' not implemented`, `Unsupported header 'x' received for this API call.` */
const REFUSED_HEADER = /\bheader '(x-amz-[\w-]{1,64})'.{0,200}(?:not implemented|received for this)/is;
/** What to do about a failure by the words of the service; undefined where they tell no more than its code. */
function spokenRemedy({ message }) {
	const [, header] = REFUSED_HEADER.exec(message) ?? [];
	if (header !== void 0) return HEADERS.find(([name]) => name.test(header.toLowerCase()))?.[1];
	return SPOKEN.find(({ words }) => words.test(message))?.resolution;
}

// src/errors/catalogue.ts
/** The catalogue: every error code that is known, one row each. */
const ERROR_ENTRIES = [...SERVICE_CODES, ...OWN_CODES];
const BY_NAME = new Map(ERROR_ENTRIES.flatMap((entry) => [entry.code, ...entry.aliases ?? []].map((name) => [name, entry])));
const withoutException = (code) => code.replace(/Exception$/, "");
/** A code as services send it: SDKs, and some services, put `Exception` behind the same name. */
function plainCode(code) {
	const plain = withoutException(code);
	return BY_NAME.has(plain) ? plain : code;
}
/** The network has these names by our own words, and s5cmd and S3 by theirs. */
const SHARED = /* @__PURE__ */ new Set(["RequestError", "RequestTimeout"]);
const OWN = new Set(OWN_CODES.map(({ code }) => code).filter((code) => !SHARED.has(code)));
/** Whether only this action may say a code: from a service it would tell of the run what is not so. */
const isOwnCode = (code) => OWN.has(plainCode(code));
/** S3 passes on the errors of KMS under names such as KMS.DisabledException. */
const familyOf = (code) => code.split(".")[0] ?? code;
/** The row of a code, by any of its names; undefined where nobody knows it. */
const entryOf = (code) => BY_NAME.get(code) ?? BY_NAME.get(withoutException(code)) ?? BY_NAME.get(familyOf(code));
/** Whether an answer that tells no known code may be another one when it is asked for again. */
const healsByStatus = (status) => status === 429 || status >= 500 && status !== 501;
/** What is known of a code. A code that nobody knows heals unless its status (HTTP) says that the request is at fault. */
function failureKind(code, status) {
	const entry = entryOf(code ?? "");
	if (entry) return {
		retryable: entry.retry !== "no",
		resolution: `${entry.meaning}: ${entry.remedy}.`
	};
	return {
		retryable: status === void 0 || healsByStatus(status),
		resolution: "Read the message, and run again; if it fails again, open an issue with the message."
	};
}
/** Whether only the message says what is wrong. */
const isVague = (code) => entryOf(code)?.remedy === SEE_MESSAGE;
/** A longer clause is none for a title. */
const TITLE_CHARS = 60;
/** What a code means, with the code behind it, as a title has room for; the bare code where nobody knows more. */
function titleOfCode(code) {
	const meaning = isVague(code) ? "" : entryOf(code)?.meaning ?? "";
	return meaning === "" || meaning.length > TITLE_CHARS ? code : `${meaning} (${code})`;
}
/** What to do about a code, without what its title says already. */
function remedyIn(code, resolution) {
	const opening = `${entryOf(code)?.meaning}: `;
	if (titleOfCode(code) === code || !resolution.startsWith(opening)) return resolution;
	const remedy = resolution.slice(opening.length);
	return remedy.charAt(0).toUpperCase() + remedy.slice(1);
}
/** What to do about a failure, by its words or its code; undefined where nobody knows more than its message says. */
const remedyFor = (failure) => {
	const spoken = spokenRemedy(failure);
	if (spoken !== void 0) return spoken;
	const entry = entryOf(failure.code);
	return entry && entry.remedy !== "read the message" ? failureKind(failure.code).resolution : void 0;
};
/** Whether another run may end better though nobody changes anything: the remedy says so, or the code passes by itself. */
function healsByRunning(code) {
	const { retryable, resolution } = failureKind(code);
	return retryable || /(?<!then )\brun again\b/.test(resolution);
}
/** Whether a failure asks for fewer requests. */
const isThrottling = (code) => entryOf(code ?? "")?.throttle === true;
/** Whether a code says that credentials have expired. */
const isExpiry = (code) => entryOf(code)?.expired === "always";
/**
* Whether an answer says so of credentials that expire then, milliseconds since the epoch. Compatible services do not
* know keys any more that have expired; an answer to HEAD, without a code, says nothing at all.
*/
function hasExpired(code, expiresAtMs, nowMs) {
	if (code !== void 0 && isExpiry(code)) return true;
	return (code === void 0 || entryOf(code)?.expired === "when-due") && expiresAtMs !== void 0 && nowMs >= expiresAtMs;
}
/** What to do where a code is the answer to a role that was asked for; `trust` is what its trust policy must allow. */
const roleRemedy = (code, trust) => entryOf(code)?.role?.replace("{trust}", () => trust);
/** Where the documentation tells more of a code. */
const helpOf = (code) => `docs/troubleshooting.md#${entryOf(code)?.code.toLowerCase() ?? "copy"}`;
const CONSEQUENCES = /* @__PURE__ */ new Set(["HeldBack", "CopiesFailed"]);
/** Whether ops failed so only because others did. */
const isConsequence = (code) => CONSEQUENCES.has(code);
/** What to do about the network; undefined where the service answered, so that it is not to blame. */
function networkHint({ code, status }) {
	if (status !== void 0 && code !== "ProxyRefused") return void 0;
	if (code === "RequestTimeout") return "The request timed out: check endpoint-url, the network and proxies; if the service only needs more time, raise request-timeout.";
	const known = entryOf(code);
	return known && failureKind(known.code).resolution;
}

// src/errors/service-failure.ts
const BY_STATUS = {
	307: "TemporaryRedirect",
	401: "AccessDenied",
	403: "AccessDenied",
	404: "NotFound",
	405: "MethodNotAllowed",
	407: "ProxyRefused",
	408: "RequestTimeout",
	411: "MissingContentLength",
	412: "PreconditionFailed",
	413: "RequestTooLarge",
	416: "InvalidRange",
	429: "TooManyRequests",
	500: "InternalError",
	501: "NotImplemented",
	503: "ServiceUnavailable"
};
/** The code of an answer that tells none. */
function codeByStatus(status) {
	const named = BY_STATUS[status ?? 0];
	if (named) return named;
	if (status === void 0 || status >= 500 || status < 300) return "RequestError";
	return status < 400 ? "PermanentRedirect" : "BadRequest";
}
/** What stands where a service told no code: the SDK's words, or its status. */
const NAMELESS = /^(Unknown|UnknownError|Error|Forbidden|\d{3})$/;
/** How Node and OpenSSL call a certificate that proves nothing. */
const CERTIFICATE = /CERT|SIGNATURE|^HOSTNAME_MISMATCH$/;
/** Node names its own refusals so; of these, only what TLS, proxies and sockets do is the network's. */
const LOCAL = /^ERR_(?!TLS_|SSL_|PROXY_|SOCKET_|STREAM_PREMATURE_CLOSE$)/;
/** What OpenSSL calls a wrong version number: an answer in plain http. */
const NO_TLS = "The server does not support https";
/** What Node's names of failed calls mean; `at` is the host or address that it tells. */
const CALLS = {
	ENOTFOUND: (at) => `DNS cannot resolve ${at}`,
	EAI_AGAIN: (at) => `DNS did not answer for ${at}`,
	ECONNREFUSED: (at) => `connection refused by ${at}`,
	ETIMEDOUT: (at) => `${at} did not respond`,
	EHOSTUNREACH: (at) => `no route to ${at}`,
	ENETUNREACH: (at) => `no route to ${at}`
};
/** A failure of the network in words, with its name behind them; as Node tells it where that says more. */
function inWords(code, text) {
	const [, call, at] = /^(?:connect|getaddrinfo) (\S+) (\S+)$/.exec(text) ?? [];
	if (at !== void 0 && call === code && Object.hasOwn(CALLS, code)) return `${CALLS[code]?.(at)} (${code})`;
	if (/^(socket hang up|read ECONNRESET)$/.test(text)) return `the connection was closed before a response arrived (${code})`;
	return `${code} ${text.replace(/; if the root CA is installed locally, .*$/s, "")}`.trim();
}
function networkFailure(code, text, { statusCode, path }) {
	const told = `${code} ${text}`.trim();
	if (typeof path === "string") return {
		code,
		message: text,
		status: void 0
	};
	const failure = {
		code: "RequestError",
		message: /EPROTO.*wrong version number/s.test(told) ? NO_TLS : inWords(code, text),
		status: void 0
	};
	if (LOCAL.test(code)) return {
		...failure,
		code: "RequestNotSent"
	};
	if (CERTIFICATE.test(code)) return {
		...failure,
		code: "UntrustedCertificate"
	};
	if (code !== "ERR_PROXY_TUNNEL") return failure;
	const safe = {
		...failure,
		message: told.replace(/\/\/[^/\s]*@/, "//")
	};
	return statusCode === 407 || statusCode === 403 ? {
		...safe,
		code: "ProxyRefused"
	} : safe;
}
/** What services call their errors; what else stands there may be anything, also a secret that is sent back. */
const CODE = /^[A-Za-z0-9._-]{1,64}$/;
/** Some services send the line of the status as the code, such as `412 Precondition Failed`. */
const STATUS_LINE = /^([1-5]\d\d) [A-Za-z' -]{1,64}$/;
/** A code as services send them; any other text becomes `Unnamed`, and is told behind the message. */
function namedFailure(code, text) {
	const message = shortened(text);
	if (CODE.test(code) && !isOwnCode(code)) return {
		code: plainCode(code),
		message
	};
	const [, status] = STATUS_LINE.exec(code) ?? [];
	if (status !== void 0) return {
		code: codeByStatus(Number(status)),
		message
	};
	return {
		code: "Unnamed",
		message: code === "" ? message : `${message} (its code: ${shortened(code)})`
	};
}
function failureOf(thrown, message) {
	const status = thrown.$metadata?.httpStatusCode;
	const name = typeof thrown.Code === "string" ? thrown.Code : thrown.name ?? "";
	if (name === "AbortError") return {
		code: "Cancelled",
		message,
		status
	};
	if (name === "TimeoutError") return {
		code: "RequestTimeout",
		message,
		status
	};
	if (status === void 0 && typeof thrown.code === "string") return networkFailure(thrown.code, message, thrown);
	if (!NAMELESS.test(name)) return {
		...namedFailure(name, message),
		status
	};
	if (status === void 0 || !/^(UnknownError|Unknown)?$/.test(message)) return {
		code: codeByStatus(status),
		message,
		status
	};
	const isPage = thrown.$response?.headers?.["content-type"]?.includes("html");
	return answeredFailure({
		status,
		code: void 0,
		message: isPage ? ofPage(status) : void 0
	});
}
/** What is said of a page that came in place of an answer. */
const ofPage = (status) => `HTTP status ${status}: the response is not from S3, but a page of a proxy, firewall or web server.`;
/** The error of an answer; without a code of its own it is named by its status. */
function answeredFailure(answer) {
	const { status, code, message, retryAfterMs } = answer;
	const text = message || `The service returned HTTP status ${status} without an error message.`;
	const named = code && !NAMELESS.test(code) ? namedFailure(code, text) : {
		code: codeByStatus(status),
		message: text
	};
	return new ServiceError(named.code, named.message, {
		status,
		retryAfterMs
	});
}
/** Any error that came through a port as a ServiceError, whose code is a plain word in any case. */
function serviceFailure(error) {
	if (error instanceof ServiceError) return error;
	const thrown = typeof error === "object" && error !== null ? error : {};
	const { code, message, status } = failureOf(thrown, thrown.message ?? String(error));
	return new ServiceError(code, message, {
		status,
		cause: error
	});
}
/** Whether the same request may succeed when it is sent again. */
function isTransient({ code, message, status }) {
	const entry = entryOf(code);
	if (entry) return entry.retry === "request" || entry.healsWhere?.test(message) === true;
	return status !== void 0 && healsByStatus(status);
}
/** By these a service says something else than that it does not know what was asked, or tells one object from another. */
const MEANT = /* @__PURE__ */ new Set([
	404,
	408,
	409,
	412,
	416,
	429
]);
/** What may be said of anything. */
const VAGUE = /* @__PURE__ */ new Set([
	"InvalidArgument",
	"InvalidRequest",
	"MalformedXML",
	"BadRequest",
	"MethodNotAllowed",
	"MissingContentLength",
	"NotImplemented",
	"SignatureDoesNotMatch",
	"UnsupportedOperation",
	"Unnamed"
]);
/**
* Whether a service may say so that it does not know something in the request: it has no common word for that. The
* same request without it proves what it was.
*/
const isPuzzled = ({ code, status }) => code === "NotImplemented" || status === 501 || status !== void 0 && status >= 400 && status < 500 && !MEANT.has(status) && (VAGUE.has(code) || entryOf(code) === void 0);
/** Whether a failure is the answer of a service that was reached, and not one that may be another next time. */
const isRefusal = (failure) => failure.status !== void 0 && (failure.status === 501 || failure.status >= 400 && failure.status < 500) && !isTransient(failure);
/** Whether a service says that an object is not there; an answer to HEAD has no other word for it than its status. */
const isMissing = (error) => ["NotFound", "NoSuchKey"].includes(serviceFailure(error).code);

// src/errors/sync-error.ts
init__crypto();
/** The one error of the project: what failed and why (`message`), and what to do next (`hint`). */
var SyncError = class extends Error {
	name = "SyncError";
	kind;
	title;
	hint;
	retryable;
	constructor(kind, message, details = {}) {
		super(message, { cause: details.cause });
		this.kind = kind;
		this.title = details.title;
		this.hint = details.hint;
		this.retryable = details.retryable ?? false;
	}
};
/** The first sentence of a message, which says the cause. */
function causeIn(message) {
	const [line = ""] = message.split("\n", 1);
	const [sentence = line] = /^.*?(?=\.\s+[A-Z])/s.exec(line) ?? [];
	return sentence.replace(/[.:\s]+$/, "");
}
/** The cause of an error in a few words. */
const titleOf = ({ title, kind, message }) => title ?? (kind === "cancelled" ? "Cancelled" : causeIn(message));
/** What a file system refuses for reasons that lie outside of the action. */
const FILE_CODES = /* @__PURE__ */ new Set([
	...[
		"EACCES",
		"EBUSY",
		"EDQUOT",
		"EEXIST",
		"EINVAL",
		"EIO",
		"EISDIR",
		"ELOOP",
		"EMFILE"
	],
	...[
		"ENAMETOOLONG",
		"ENFILE",
		"ENODEV",
		"ENOENT",
		"ENOSPC",
		"ENOTDIR",
		"ENOTEMPTY",
		"EPERM"
	],
	...[
		"EROFS",
		"ESTALE",
		"ETXTBSY",
		"EXDEV",
		"UNKNOWN"
	]
]);
/** Calls whose refusals are the network's, by the same names. */
const NETWORK_CALLS = /* @__PURE__ */ new Set([
	"connect",
	"bind",
	"listen",
	"getaddrinfo"
]);
const isFileFailure = (error) => error instanceof Error && "syscall" in error && !NETWORK_CALLS.has(error.syscall) && "code" in error && FILE_CODES.has(String(error.code));
const IN_THE_WAY = "There is probably a folder or a link where a file should be: remove it or set report-dir to another folder, and run again.";
const TOO_MANY = "The limit of open files is too low: raise it (ulimit -n) or lower numworkers, and run again.";
const HELD = "Another program has locked the file, such as a virus scanner or an editor: stop it, or exclude report-dir and RUNNER_TEMP from it, and run again.";
const NAME = "The path is too long, or contains a name that this system does not allow: set report-dir to a shorter or simpler path, and run again.";
const DENIED = "This job has no permission to write there, or another program has locked the file, such as a virus scanner on Windows: set report-dir to another folder, and run again.";
const FULL = "Check that nothing else fills the disk or removes report-dir, set report-dir to another folder if needed, and run again.";
const NO_SPACE = "Check that nothing else fills the disk, free some of it before this step, or set report-dir to a folder on a larger disk, and run again.";
const FILE_HINTS = {
	ENOSPC: NO_SPACE,
	EDQUOT: NO_SPACE,
	EMFILE: TOO_MANY,
	ENFILE: TOO_MANY,
	EEXIST: IN_THE_WAY,
	EISDIR: IN_THE_WAY,
	ELOOP: IN_THE_WAY,
	ENOTEMPTY: IN_THE_WAY,
	EBUSY: HELD,
	ETXTBSY: HELD,
	UNKNOWN: HELD,
	EINVAL: NAME,
	ENAMETOOLONG: NAME,
	EACCES: DENIED,
	EPERM: DENIED,
	EROFS: DENIED
};
/** What a file system says, as far as a few words of ours say it better. */
const FILE_TITLES = {
	ENOSPC: "The disk of the runner is full",
	EDQUOT: "The disk quota of the runner is exceeded",
	EROFS: "The disk of the runner is not writable",
	EMFILE: "Too many files are open",
	ENFILE: "Too many files are open"
};
const fileHint = (code) => FILE_HINTS[code] ?? FULL;
/**
* Kind, title and text of any error; one that nobody else can be blamed for is a fault of this action and says so.
* `during`: the stage that it ended, for what the file system refuses.
*/
function explain(error, during) {
	if (error instanceof SyncError) {
		const text = error.hint ? `${error.message}\n${error.hint}` : error.message;
		return {
			kind: error.kind,
			title: titleOf(error),
			text
		};
	}
	if (isFileFailure(error)) return {
		kind: during,
		title: Object.hasOwn(FILE_TITLES, error.code) ? `${FILE_TITLES[error.code]} (${error.code})` : `A file could not be read or written: ${error.code}`,
		text: `${error.message}\n${fileHint(error.code)}`
	};
	const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
	return {
		kind: "internal",
		title: `Unexpected error: ${causeIn(reason)}`,
		text: `${reason}\nThis is a bug in the action: please open an issue with this message.`
	};
}
/** The stack of an error and of all its causes, for the debug log. */
function traceOf(error) {
	if (!(error instanceof Error)) return String(error);
	const own = error.stack ?? `${error.name}: ${error.message}`;
	return error.cause === void 0 ? own : `${own}\nCaused by: ${traceOf(error.cause)}`;
}

// src/adapters/bounded.ts
/** A listing of S3 has a thousand keys of 1,024 bytes, each of which a service may write in six, and at most 1 KiB beside each. */
const MOST_PAGE_BYTES = 8 * 2 ** 20;
/** What no other answer comes near. */
const MOST_ANSWER_BYTES = 2 ** 20;
/** What says why a request failed is not read any further. */
const MOST_ERROR_BYTES = 65536;
/** An answer that is not read to its end. */
const tooLong = (status) => new ServiceError("AnswerTooLong", "The response of the service exceeds the size limit.", { status });
async function* upTo(mostBytes, body) {
	let bytes = 0;
	for await (const chunk of body) {
		bytes += chunk.length;
		if (bytes > mostBytes) throw tooLong();
		yield chunk;
	}
}
/** The same bytes, and an error where they are more than so many. */
const bounded = (body, mostBytes) => Readable.from(upTo(mostBytes, body));

// src/adapters/answer-body.ts
/** Keeps the pieces until all have come; most answers come in one. */
function pieces() {
	const kept = [];
	return {
		add: (piece) => void kept.push(Buffer.from(piece)),
		whole: () => (kept.length === 1 ? kept[0] : void 0) ?? Buffer.concat(kept)
	};
}
/** Holds what was added once, in memory for `bytes` to begin with. */
function filled(memory, bytes) {
	let buffer = memory.take(bytes);
	let length = 0;
	return {
		add: (piece) => {
			if (length + piece.length > buffer.length) {
				const larger = memory.take((length + piece.length) * 2);
				buffer.copy(larger, 0, 0, length);
				memory.giveBack(buffer);
				buffer = larger;
			}
			buffer.set(piece, length);
			length += piece.length;
		},
		whole: () => buffer.subarray(0, length)
	};
}
const NOTHING$1 = Buffer.alloc(0);
const LARGE_BYTES = 2 ** 20;
const FRESH = {
	take: Buffer.allocUnsafeSlow,
	giveBack: () => {}
};
/** The body of an answer as it comes, no longer than is of use; a large one whose length is told is never held twice. */
var AnswerBody = class {
	#status;
	#isFailure;
	#mostBytes;
	#vessel;
	#sink;
	#bytes = 0;
	#room;
	/** `toldBytes`: what the answer says that will come, or 0. Throws AnswerTooLong. */
	constructor(status, toldBytes, { mostBytes = MOST_ANSWER_BYTES, into }) {
		this.#status = status;
		this.#isFailure = status >= 300;
		this.#mostBytes = this.#isFailure ? MOST_ERROR_BYTES : mostBytes;
		if (toldBytes > this.#mostBytes && !this.#isFailure) throw tooLong(status);
		if (this.#isFailure) this.#vessel = pieces();
		else if (into && "add" in into) this.#vessel = this.#handedTo(into);
		else if (into || toldBytes > LARGE_BYTES) this.#vessel = filled(into ?? FRESH, toldBytes);
		else this.#vessel = pieces();
	}
	/** Takes a piece; gives whether another one is of use. Throws AnswerTooLong. */
	add(piece) {
		this.#bytes += piece.length;
		const beyond = this.#bytes - this.#mostBytes;
		if (beyond <= 0) {
			this.#vessel.add(piece);
			return true;
		}
		if (!this.#isFailure) throw tooLong(this.#status);
		this.#vessel.add(piece.subarray(0, Math.max(0, piece.length - beyond)));
		return false;
	}
	/** Takes what was read to `memory`. Throws AnswerTooLong. */
	took(memory, length) {
		if (!this.#sink?.took) {
			this.add(memory.subarray(0, length));
			return;
		}
		this.#bytes += length;
		if (this.#bytes > this.#mostBytes) throw tooLong(this.#status);
		this.#room = this.#sink.took(length);
	}
	/** What to wait for before another piece comes; undefined: nothing. */
	get room() {
		return this.#room;
	}
	/** Where what comes next is best read to; undefined: anywhere. */
	get memory() {
		return this.#sink?.memory;
	}
	/** All that was taken. */
	whole() {
		return this.#vessel.whole();
	}
	#handedTo(sink) {
		this.#sink = sink;
		return {
			add: (piece) => {
				this.#room = sink.add(piece);
			},
			whole: () => NOTHING$1
		};
	}
};

// src/adapters/answer-reader.ts
/** As many bytes as Node takes of a head; those of trailers and of what stands beside the length of a chunk, too. */
const MOST_HEAD_BYTES = 16384;
const BLANK_LINE = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
/** A head without its blank line: nothing but what RFC 9112 has, as what is read in two ways hides a second answer. */
const HEAD = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*)*$/;
const STATUS_AT = 9;
/** Fields that say where an answer ends, and whether another one may follow it. */
const FRAMING = /\r\n(connection|content-length|keep-alive|transfer-encoding):[\t ]*([^\r]*)/gi;
const CHUNK = /^([0-9a-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;
/** No answer of HTTP/1.1: nothing more is read of it, nor of its connection. */
const notHttp = (what) => new ServiceError("RequestError", `The response is not valid HTTP: ${what}`);
function framingOf(head) {
	let length;
	let isChunked = false;
	let keepsAlive = head.startsWith("HTTP/1.1");
	let keptMs;
	FRAMING.lastIndex = 0;
	for (let found = FRAMING.exec(head); found; found = FRAMING.exec(head)) {
		const value = found[2]?.trimEnd().toLowerCase() ?? "";
		switch (found[1]?.toLowerCase()) {
			case "content-length":
				if (length !== void 0 || !/^\d{1,15}$/.test(value)) throw notHttp("invalid Content-Length");
				length = Number(value);
				break;
			case "transfer-encoding":
				if (isChunked || value !== "chunked") throw notHttp("unsupported Transfer-Encoding");
				isChunked = true;
				break;
			case "connection":
				if (/(?:^|[\t ,])close(?:$|[\t ,])/.test(value)) keepsAlive = false;
				else if (/(?:^|[\t ,])keep-alive(?:$|[\t ,])/.test(value)) keepsAlive = true;
				break;
			default: {
				const seconds = /(?:^|[\t ,])timeout=(\d{1,9})/.exec(value)?.[1];
				if (seconds !== void 0) keptMs = Number(seconds) * 1e3;
			}
		}
	}
	if (isChunked && length !== void 0) throw notHttp("Content-Length and chunked encoding");
	return {
		length,
		isChunked,
		keepsAlive,
		keptMs
	};
}
/** Reads one answer of HTTP/1.1 from the bytes of its connection. */
var AnswerReader = class {
	#isHead;
	#taker;
	#stand = "head";
	/** Begun lines, until their end comes. */
	#begun;
	/** Bytes of lines, which are bounded. */
	#lineBytes = 0;
	/** Of the body or a chunk, still to come. */
	#left = 0;
	#keepsAlive = false;
	#keptMs;
	/** `method`: that of the request. */
	constructor(method, taker) {
		this.#isHead = method === "HEAD";
		this.#taker = taker;
	}
	/** Whether all of it is there. */
	get isOver() {
		return this.#stand === "over";
	}
	/** Bytes of the body that come next, and nothing but them; 0: it is not known. */
	get bodyLeft() {
		return this.#stand === "body" && Number.isFinite(this.#left) ? this.#left : 0;
	}
	/** Whether anything of it has come. */
	get hasBegun() {
		return this.#stand !== "head";
	}
	/** Whether the connection may carry another request behind it. */
	get keepsAlive() {
		return this.#keepsAlive;
	}
	/** For how long the service says that it keeps the connection, milliseconds. */
	get keptMs() {
		return this.#keptMs;
	}
	/** Reads what came, in memory that may be used again behind it. Throws ServiceError where it is no answer of HTTP. */
	read(came) {
		let rest = came;
		while (rest !== void 0 && rest.length > 0 && this.#stand !== "over") rest = this.#step(rest);
		if (rest !== void 0 && rest.length > 0) this.#keepsAlive = false;
	}
	/** So many bytes of `bodyLeft` were read elsewhere, and not all of them. */
	took(bytes) {
		this.#left -= bytes;
	}
	/** The connection ended. Gives whether that is the end of the answer. */
	end() {
		if (this.#stand === "body" && this.#left === Number.POSITIVE_INFINITY) this.#finish();
		return this.isOver;
	}
	/** Reads one step further; gives what it left. */
	#step(bytes) {
		switch (this.#stand) {
			case "head": return this.#readTo(BLANK_LINE, bytes, (text) => this.#takeHead(text));
			case "body":
			case "chunk": return this.#takePiece(bytes);
			case "chunk-length": return this.#readTo(LINE_END, bytes, (text) => this.#takeChunkLength(text));
			case "chunk-end": return this.#readTo(LINE_END, bytes, (text) => {
				if (text !== "") throw notHttp("a chunk is longer than its size line");
				this.#stand = "chunk-length";
			});
			case "trailers": return this.#readTo(LINE_END, bytes, (text) => {
				if (text === "") this.#finish();
			});
			case "over": return;
			default: throw this.#stand;
		}
	}
	/** Hands over the text up to a mark, once that is there; gives what stands behind it. */
	#readTo(mark, came, take) {
		const bytes = this.#begun ? Buffer.concat([this.#begun, came]) : came;
		const at = bytes.indexOf(mark);
		const lineBytes = at < 0 ? bytes.length : at;
		if (this.#lineBytes + lineBytes > MOST_HEAD_BYTES) throw notHttp("the headers are too long");
		this.#begun = at < 0 ? Buffer.from(bytes) : void 0;
		if (at < 0) return void 0;
		this.#lineBytes += lineBytes;
		take(bytes.toString("latin1", 0, at));
		const end = at + mark.length;
		return end === bytes.length ? void 0 : bytes.subarray(end);
	}
	#takeHead(text) {
		if (!HEAD.test(text)) throw notHttp("invalid status line or headers");
		const status = Number(text.slice(STATUS_AT, 12));
		if (status === 101) throw notHttp("unrequested protocol switch (status 101)");
		if (status < 200) return;
		const { length, isChunked, keepsAlive, keptMs } = framingOf(text);
		const isEmpty = this.#isHead || status === 204 || status === 304;
		const told = isEmpty || isChunked ? 0 : length;
		this.#keepsAlive = keepsAlive && (told !== void 0 || isChunked);
		this.#keptMs = keptMs;
		this.#left = told ?? Number.POSITIVE_INFINITY;
		this.#stand = isChunked && !isEmpty ? "chunk-length" : "body";
		this.#lineBytes = 0;
		this.#taker.takeHead(status, text, told ?? 0);
		if (this.#stand === "body" && this.#left === 0) this.#finish();
	}
	#takeChunkLength(text) {
		const [, length] = CHUNK.exec(text) ?? [];
		if (length === void 0) throw notHttp("invalid chunk size");
		this.#left = Number.parseInt(length, 16);
		this.#stand = this.#left === 0 ? "trailers" : "chunk";
		if (this.#stand === "chunk") this.#lineBytes = 0;
	}
	#takePiece(bytes) {
		const piece = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
		this.#left -= piece.length;
		if (!this.#taker.takePiece(piece)) {
			this.#finish();
			this.#keepsAlive = false;
			return;
		}
		if (this.#left === 0) {
			if (this.#stand === "chunk") this.#stand = "chunk-end";
			else this.#finish();
		}
		return piece.length === bytes.length ? void 0 : bytes.subarray(piece.length);
	}
	#finish() {
		this.#stand = "over";
	}
};
/** Fields of which another one of the same name is passed over, as Node does. */
const ONCE = /* @__PURE__ */ new Set([
	"content-length",
	"content-type",
	"etag",
	"expires",
	"last-modified",
	"location",
	"retry-after",
	"server"
]);
/** The fields of a head, by their names in lower case; values are latin1. */
function headersIn(head) {
	const headers = {};
	const [, ...lines] = head.split("\r\n");
	for (const line of lines) {
		const colon = line.indexOf(":");
		const name = line.slice(0, colon).toLowerCase();
		const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, "");
		const there = Object.hasOwn(headers, name) ? headers[name] : void 0;
		if (there === void 0) headers[name] = value;
		else if (!ONCE.has(name)) headers[name] = `${there}, ${value}`;
	}
	return headers;
}

// src/adapters/told.ts
/** Of this process, as there is one log; undefined: nobody debugs, and nothing is put into words. */
let listener;
/** Lets somebody hear of requests and processes, or nobody. */
const listen = (to) => {
	listener = to;
};
/** Their values tell what is asked; those of others may be anything, also a signature. */
const SHOWN = /* @__PURE__ */ new Set([
	"list-type",
	"max-keys",
	"partNumber",
	"prefix",
	"start-after"
]);
function shownTarget(target) {
	const [path = "", query] = target.split("?", 2);
	if (query === void 0) return path;
	return `${path}?${query.split("&").map((pair) => {
		const [name = ""] = pair.split("=", 1);
		return SHOWN.has(name) ? pair : name;
	}).join("&")}`;
}
/** Whether a request is about one object, of which there may be a million: its path has more than a bucket. */
const isOfOneObject = ({ method, target }) => method !== "POST" && /^\/[^/?]+\/[^?]/.test(target);
/** Tells of a request that ended: by its status (HTTP), or by what the network did. */
function tellRequest(sent, ended) {
	if (listener === void 0) return;
	const ms = Math.round(performance.now() - sent.startedMs);
	listener(!(typeof ended === "string" || ended >= 400) && isOfOneObject(sent) ? "trace" : "debug", `${sent.method} ${sent.host}${shownTarget(sent.target)}: ${ended}, ${ms} ms`);
}
const DONE = /"success":true/;
/** Tells what a child process printed: what succeeded to those alone who want to see each object. */
function tellLine(program, line) {
	listener?.(DONE.test(line) ? "trace" : "debug", `${program}: ${line}`);
}

// src/adapters/watch.ts
/** The requests that end with a signal: one listener for all of them. */
const underWay = /* @__PURE__ */ new WeakMap();
function endedBy(signal) {
	const known = underWay.get(signal);
	if (known) return known;
	const ends = /* @__PURE__ */ new Set();
	underWay.set(signal, ends);
	const endAll = () => {
		for (const end of ends) end(signal.reason);
	};
	signal.addEventListener("abort", endAll, { once: true });
	return ends;
}
/** Ends a request when its time is up or its signal is aborted; gives what takes the watch off again. */
function watch(end, { timeoutMs, signal }) {
	const late = () => end(new ServiceError("RequestTimeout", `Timeout: no complete response within ${timeoutMs} ms.`));
	const timer = setTimeout(late, timeoutMs);
	const others = signal && endedBy(signal);
	others?.add(end);
	return () => {
		clearTimeout(timer);
		others?.delete(end);
	};
}

// src/adapters/exchange.ts
/** What stands in no value of a header, and in no target: it would begin another header, or another request. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const NO_NAME = /[^\w!#$%&'*+.^`|~-]|^$/;
const NO_TARGET = /[^\x21-\xff]|^$/;
/** As Node refuses it: it is never sent. */
const unsendable = (code, message) => Object.assign(new TypeError(message), { code });
/** The head of a request, byte for byte. Throws TypeError where it would be none. */
function headOf({ method, target, headers }, bodyBytes) {
	if (NO_NAME.test(method) || NO_TARGET.test(target)) throw unsendable("ERR_UNESCAPED_CHARACTERS", "Request path contains unescaped characters");
	let head = `${method} ${target} HTTP/1.1\r\n`;
	for (const name in headers) {
		const value = headers[name] ?? "";
		if (NO_VALUE.test(value) || NO_NAME.test(name)) throw unsendable("ERR_INVALID_CHAR", `Invalid character in header content ["${name}"]`);
		head += `${name}: ${value}\r\n`;
	}
	if (bodyBytes !== void 0 && headers["content-length"] === void 0) head += `content-length: ${bodyBytes}\r\n`;
	return `${head}connection: keep-alive\r\n\r\n`;
}
const NOTHING = Buffer.alloc(0);
/** A whole answer, whose headers are made when they are asked for: a million answers of listings are never asked. */
var Answer = class {
	status;
	body;
	#head;
	#headers;
	constructor(status, head, body) {
		this.status = status;
		this.#head = head;
		this.body = body;
	}
	get headers() {
		this.#headers ??= headersIn(this.#head);
		return this.#headers;
	}
};
/** One request on its way, and its answer. */
var Exchange = class {
	request;
	/** What goes over the wire: latin1, then bytes. */
	head;
	body;
	/** Settled once all is there, or will not come. */
	answer;
	/** undefined: it waits for one. */
	carrier;
	#startedMs = performance.now();
	#reader;
	#unwatch;
	#resolve;
	#reject;
	#isEnded = false;
	#status = 0;
	#answerHead = "";
	#body;
	constructor(request, limit) {
		const { method, body } = request;
		this.request = request;
		this.body = typeof body === "string" ? Buffer.from(body) : body;
		this.head = headOf(request, this.body?.length);
		this.#reader = new AnswerReader(method, this);
		const { promise, resolve, reject } = Promise.withResolvers();
		this.answer = promise;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#unwatch = watch((reason) => this.#end(reason), limit);
	}
	/** Whether nothing is to come of it any more. */
	get isOver() {
		return this.#isEnded || this.#reader.isOver;
	}
	/** Whether the head of its answer is there. */
	get hasBegun() {
		return this.#reader.hasBegun;
	}
	get keepsAlive() {
		return this.#reader.keepsAlive;
	}
	get keptMs() {
		return this.#reader.keptMs;
	}
	/** What to wait for before more of its answer is read; undefined: nothing. */
	get room() {
		return this.#body?.room;
	}
	/** Where what comes next is best read to, which is then nothing but body; undefined: anywhere. */
	get memory() {
		const most = this.#reader.bodyLeft - 1;
		const memory = most > 0 && !this.#isEnded ? this.#body?.memory : void 0;
		return memory && memory.length > most ? memory.subarray(0, most) : memory;
	}
	/** Reads what came of its answer. Throws where it is none. */
	read(bytes) {
		this.#reader.read(bytes);
	}
	/** The same of bytes that were read to its own memory. Over TLS they come in pieces of 16 KB, so that this is a short way. */
	took(memory, length) {
		this.#reader.took(length);
		this.#body?.took(memory, length);
	}
	/** Its connection ended; gives whether its answer is whole all the same. */
	ended() {
		return this.#reader.end();
	}
	takeHead(status, text, toldBytes) {
		this.#tell(status);
		this.#status = status;
		this.#answerHead = text;
		this.#body = new AnswerBody(status, toldBytes, this.request);
	}
	takePiece(bytes) {
		return this.#body?.add(bytes) ?? false;
	}
	/** All of the answer is there. */
	succeed() {
		this.#isEnded = true;
		this.#unwatch();
		this.#resolve(new Answer(this.#status, this.#answerHead, this.#body?.whole() ?? NOTHING));
	}
	fail(reason) {
		if (this.#isEnded) return;
		this.#isEnded = true;
		this.#unwatch();
		if (!this.hasBegun) this.#tell(serviceFailure(reason).message);
		this.#reject(reason);
	}
	#end(reason) {
		this.fail(reason);
		this.carrier?.end(reason);
	}
	#tell(ended) {
		const { method, target, base } = this.request;
		tellRequest({
			method,
			target,
			host: base.host,
			startedMs: this.#startedMs
		}, ended);
	}
};

// src/adapters/wire-request.ts
/**
* Of a name's addresses Node gives up each but the last one after a quarter of a second: what lies further away than that
* would be reached at the last address or not at all. Here the first packet may be lost and sent again, too.
*/
const ADDRESS_MS = 1500;
/** Read once of each URL: its parts are cut out of its text whenever they are asked for. */
const targets = /* @__PURE__ */ new WeakMap();
/** Where a URL leads. */
function targetOf(base) {
	const known = targets.get(base);
	if (known) return known;
	const { hostname, port, protocol } = base;
	const target = {
		hostname: hostname.replace(/^\[|\]$/g, ""),
		port,
		isSecure: protocol === "https:"
	};
	targets.set(base, target);
	return target;
}

// src/adapters/connections.ts
/** A connection that a service says it will close so soon is not used again: the next request would meet its end. */
const CLOSING_MS = 1e3;
/** TCP asks after the other end when it is silent for so long, as a large copy is. */
const PROBE_MS = 1e3;
/** A longer body is sent in pieces: of TLS, Node would hold all of it twice more, as it is and encrypted. */
const PIECE_BYTES$1 = 262144;
/** All that comes is taken out of it before anything else is read. */
const READ_MEMORY = Buffer.allocUnsafeSlow(65536);
const hungUp = (text) => Object.assign(new Error(text), { code: "ECONNRESET" });
/** One connection: it carries one request at a time. */
var Connection = class {
	#socket;
	#host;
	#exchange;
	/** What is read into next. */
	#memory = READ_MEMORY;
	/** Whether some of its body is yet to be written. */
	#isSending = false;
	/** Until then it may be used again. */
	#usableUntilMs = Number.POSITIVE_INFINITY;
	constructor(host, connect, { connectMs }) {
		this.#host = host;
		this.#socket = connect({
			buffer: () => {
				this.#memory = this.#exchange?.memory ?? READ_MEMORY;
				return this.#memory;
			},
			callback: (length) => {
				this.#read(length);
				return true;
			}
		});
		this.#socket.once("connect", () => this.#socket.unref()).setNoDelay().setKeepAlive(true, PROBE_MS).on("error", (error) => this.end(error)).on("end", () => this.#ended()).on("close", () => {
			this.end(hungUp("socket hang up"));
			host.closed(this);
		});
		if (connectMs !== void 0) this.#limitConnecting(connectMs);
	}
	/** Whether it can carry another request. */
	get isUsable() {
		return this.#socket.writable && performance.now() < this.#usableUntilMs;
	}
	/** Sends a request. */
	carry(exchange) {
		this.#exchange = exchange;
		exchange.carrier = this;
		const { head, body } = exchange;
		if (body === void 0) this.#socket.write(head, "latin1");
		else if (body.length > PIECE_BYTES$1) {
			this.#isSending = true;
			this.#socket.write(head, "latin1");
			this.#writeFrom(0, body, exchange);
		} else {
			this.#socket.cork();
			this.#socket.write(head, "latin1");
			this.#socket.write(body);
			this.#socket.uncork();
		}
	}
	/** Ends it, and the request that it carries. */
	end(reason) {
		const exchange = this.#exchange;
		this.#exchange = void 0;
		exchange?.fail(reason);
		this.#socket.destroy();
	}
	/** Writes a piece of a body, and the next one once the system has taken it. */
	#writeFrom(at, body, exchange) {
		const next = at + PIECE_BYTES$1;
		this.#isSending = next < body.length;
		this.#socket.write(body.subarray(at, next), (error) => {
			if (!error && next < body.length && this.#exchange === exchange) this.#writeFrom(next, body, exchange);
		});
	}
	#limitConnecting(connectMs) {
		const late = () => this.end(new ServiceError("RequestError", `ETIMEDOUT no connection to ${this.#host.name}`));
		const timer = setTimeout(late, connectMs);
		const connected = () => clearTimeout(timer);
		this.#socket.once(this.#host.isSecure ? "secureConnect" : "connect", connected);
		this.#socket.once("close", connected);
	}
	#read(length) {
		const exchange = this.#exchange;
		if (exchange === void 0) this.#socket.destroy();
		else try {
			if (this.#memory === READ_MEMORY) exchange.read(READ_MEMORY.subarray(0, length));
			else exchange.took(this.#memory, length);
			if (exchange.isOver) this.#over(exchange);
			else if (exchange.room) this.#pauseFor(exchange.room);
		} catch (error) {
			this.end(error);
		}
	}
	/** Reads nothing more until there is room for it: the other end waits meanwhile. */
	#pauseFor(room) {
		this.#socket.pause();
		const resume = () => void this.#socket.resume();
		room.then(resume, (error) => this.end(error));
	}
	#ended() {
		const exchange = this.#exchange;
		if (exchange?.ended()) this.#over(exchange);
		else this.end(hungUp(exchange?.hasBegun ? "aborted" : "socket hang up"));
	}
	/** Is there for the next request, where it may be. */
	#over(exchange) {
		this.#exchange = void 0;
		const { keepsAlive, keptMs = Number.POSITIVE_INFINITY } = exchange;
		const usableMs = keptMs - CLOSING_MS;
		const isSent = !this.#isSending && this.#socket.writableLength === 0;
		if (keepsAlive && usableMs > 0 && isSent) {
			this.#usableUntilMs = performance.now() + usableMs;
			this.#host.free(this);
		} else this.#socket.destroy();
		exchange.succeed();
	}
};
/** The connections to one host: the last one that was used is used first. */
var Host = class {
	#target;
	#rules;
	#open = /* @__PURE__ */ new Set();
	#idle = [];
	#waiting = [];
	/** Of TLS, to be resumed. */
	#session;
	constructor(target, rules) {
		this.#target = target;
		this.#rules = rules;
	}
	get isSecure() {
		return this.#target.isSecure;
	}
	get name() {
		const { hostname, port } = this.#target;
		return port === "" ? hostname : `${hostname}:${port}`;
	}
	send(exchange) {
		for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
			if (last.isUsable) {
				last.carry(exchange);
				return;
			}
			last.end(void 0);
		}
		if (this.#open.size < this.#rules.most) this.#connect(exchange);
		else this.#waiting.push(exchange);
	}
	/** A connection is there for the next request. */
	free(connection) {
		const next = this.#next();
		if (next) connection.carry(next);
		else this.#idle.push(connection);
	}
	closed(connection) {
		this.#open.delete(connection);
		const at = this.#idle.indexOf(connection);
		if (at >= 0) this.#idle.splice(at, 1);
		const next = this.#next();
		if (next) this.#connect(next);
	}
	close() {
		const closed = hungUp("socket hang up");
		for (const exchange of this.#waiting.splice(0)) exchange.fail(closed);
		for (const connection of this.#open) connection.end(closed);
	}
	/** The first request that still waits for a connection. */
	#next() {
		for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) if (!next.isOver) return next;
	}
	#connect(exchange) {
		try {
			const connection = new Connection(this, (onread) => this.#socket(onread), exchange.request);
			this.#open.add(connection);
			connection.carry(exchange);
		} catch (error) {
			exchange.fail(error);
		}
	}
	#socket(onread) {
		const { hostname: host, port, isSecure } = this.#target;
		const to = {
			host,
			autoSelectFamilyAttemptTimeout: ADDRESS_MS,
			onread
		};
		if (!isSecure) return net.connect({
			...to,
			port: Number(port || 80)
		});
		const options = {
			...to,
			port: Number(port || 443),
			servername: net.isIP(host) === 0 ? host : "",
			ALPNProtocols: ["http/1.1"],
			secureContext: this.#rules.trust(),
			...this.#session ? { session: this.#session } : {}
		};
		return tls.connect(options).on("session", (session) => {
			this.#session = session;
		}).on("error", () => {
			this.#session = void 0;
		});
	}
};
/** Connections that are kept alive, to any hosts, without a proxy between. */
var Connections = class {
	#rules;
	#hosts = /* @__PURE__ */ new Map();
	#hostsOfUrls = /* @__PURE__ */ new WeakMap();
	constructor(rules) {
		this.#rules = rules;
	}
	/** Sends one request and reads the whole answer. Rejects with what the network did, or the signal's reason. */
	ask(request, limit) {
		limit.signal?.throwIfAborted();
		const exchange = new Exchange(request, limit);
		this.#hostOf(request.base).send(exchange);
		return exchange.answer;
	}
	/** Closes all of them, and ends what they carry. */
	close() {
		for (const host of this.#hosts.values()) host.close();
	}
	#hostOf(base) {
		const known = this.#hostsOfUrls.get(base);
		if (known) return known;
		const target = targetOf(base);
		const name = `${target.isSecure} ${target.hostname} ${target.port}`;
		const host = this.#hosts.get(name) ?? new Host(target, this.#rules);
		this.#hosts.set(name, host);
		this.#hostsOfUrls.set(base, host);
		return host;
	}
};

// src/adapters/trust.ts
const CERTIFICATES = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;
function certificatesIn(file) {
	const certificates = readFileSync(file, "utf8").match(CERTIFICATES) ?? [];
	for (const certificate of certificates) new X509Certificate(certificate);
	if (certificates.length === 0) throw new Error("it contains no certificate");
	return certificates;
}
/** What Node trusts anyway, and what the file holds. */
function trusting(file) {
	try {
		return tls.createSecureContext({ ca: [...tls.getCACertificates("default"), ...certificatesIn(file)] });
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new SyncError("preflight", `AWS_CA_BUNDLE cannot be used: ${file}: ${why}`, {
			hint: "Set it to a readable PEM file with CA certificates, or unset it.",
			cause
		});
	}
}
let nodes;
/** Whom Node trusts: made once, and for the first who needs it. */
function trustOfNode() {
	nodes ??= tls.createSecureContext();
	return nodes;
}
/** Whom the variables of a process say to trust beside; undefined: nobody. Throws SyncError where they cannot be used. */
function ownTrust(env) {
	const caFile = env["AWS_CA_BUNDLE"];
	return caFile ? trusting(caFile) : void 0;
}

// src/adapters/write-size.ts
/**
* Bytes of one write to a file. Linux caches what a larger one brings in larger pages, which it takes from memory that it has not used
* lately: on a virtual machine that gives free memory back to its host each of them has to come from there first, for up to
* five times the time of the processor.
*/
const WRITE_BYTES = 32768;

// src/errors/unreached.ts
/** What a person looks at first; each word of it is one that the run knows. */
function suspect({ message }, { endpoint, region, input }) {
	const unknown = /ENOTFOUND|EAI_AGAIN/.test(message);
	if (endpoint === void 0) return unknown ? `the spelling of aws-region (${region}), the network` : "the network";
	return unknown ? `the spelling of ${input}, the network` : `${input}, the network`;
}
function remedyOf(failure, asked) {
	if (failure.message === "The server does not support https") return `Write http:// in ${asked.input}, or use the https port of the service.`;
	return `${/ECONNRESET/.test(failure.message) && asked.endpoint?.startsWith("http:") ? `If the service uses https, write https:// in ${asked.input}; otherwise check ` : "Check "}${suspect(failure, asked)}, and, if there is a proxy, HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`;
}
/** Which service did not answer, why, and what to do; undefined where it did, or where it was no matter of the way to it. */
function unreached(failure, asked) {
	const { code, status, message } = failure;
	if (status !== void 0) return void 0;
	const where = asked.endpoint ?? `${asked.service} of AWS in ${asked.region}`;
	if (code === "UntrustedCertificate") return {
		message: `The certificate of ${where} is not trusted: ${message}`,
		hint: "Set AWS_CA_BUNDLE to a PEM file with the CA that signed it, or with the CA of the TLS-intercepting proxy."
	};
	if (code !== "RequestError") return void 0;
	return {
		message: `${where} cannot be reached: ${message}`,
		hint: remedyOf(failure, asked)
	};
}

// src/model/crc32.ts
/** The polynomial of CRC-32, its bits from the lowest on. */
const POLYNOMIAL$1 = 3988292384;
const BITS = 32;
/** A vector of 32 bits times a matrix over GF(2). */
function times(matrix, vector) {
	let sum = 0;
	for (let bit = 0, rest = vector; rest !== 0; bit++, rest >>>= 1) if (rest & 1) sum ^= matrix[bit] ?? 0;
	return sum >>> 0;
}
const squareOf = (matrix) => matrix.map((row) => times(matrix, row));
/** What one bit of zeros does to a checksum. */
function oneZeroBit() {
	const matrix = new Uint32Array(BITS);
	matrix[0] = POLYNOMIAL$1;
	for (let bit = 1; bit < BITS; bit++) matrix[bit] = 2 ** (bit - 1);
	return matrix;
}
/** The CRC-32 of two pieces of content in a row, by that of each and the length of the second one in bytes. */
function combineCrc32(first, second, secondBytes) {
	let power = squareOf(squareOf(squareOf(oneZeroBit())));
	let moved = first;
	for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
		if (bytes % 2 === 1) moved = times(power, moved);
		power = squareOf(power);
	}
	return (moved ^ second) >>> 0;
}
/** A CRC-32 as S3 writes it. */
function crc32Text(value) {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes.toString("base64");
}

// src/model/wasm-code.ts
/** What every module begins with. */
const MAGIC = [
	0,
	97,
	115,
	109,
	1,
	0,
	0,
	0
];
/** A number as WebAssembly writes it: seven bits a byte, from the lowest on. */
const unsigned = (value) => value < 128 ? [value] : [value & 127 | 128, ...unsigned(value >>> 7)];
/** Content behind its length. */
const sized = (content) => [...unsigned(content.length), ...content];
/** A name of something that a module takes or gives. */
const named = (name) => sized([...Buffer.from(name)]);
/** A section of a module. */
const section = (id, content) => [id, ...sized(content)];

// src/model/folding.ts
const PIECE_BYTES = 65536;
const PAGE_BYTES = 65536;
const LANE_BYTES = 16;
/** Of one turn of the loop. */
const TURN_BYTES = 64;
/** Shorter content is not worth its preparation. */
const LEAST_BYTES = 32768;
const GET_AT = [32, 0];
const XOR = [253, 81];
const load = (offset) => [
	...GET_AT,
	253,
	0,
	0,
	...unsigned(offset)
];
const store = (offset) => [
	253,
	11,
	0,
	...unsigned(offset)
];
/** `fold(at, end)`: adds to each byte of a piece those that stand in front of it at the distances. */
function foldingModule(distances, frontBytes) {
	const turn = [];
	for (let to = frontBytes; to < frontBytes + TURN_BYTES; to += LANE_BYTES) {
		const added = distances.flatMap((distance) => [...load(to - distance), ...XOR]);
		turn.push(...GET_AT, ...load(to), ...added, ...store(to));
	}
	const next = [
		...GET_AT,
		65,
		192,
		0,
		106,
		34,
		0,
		32,
		1,
		73,
		13,
		0
	];
	const code = [
		0,
		3,
		64,
		...turn,
		...next,
		11,
		11
	];
	const pages = Math.ceil((frontBytes + PIECE_BYTES) / PAGE_BYTES);
	return Uint8Array.of(...MAGIC, ...section(1, [
		1,
		96,
		2,
		127,
		127,
		0
	]), ...section(3, [1, 0]), ...section(5, [
		1,
		0,
		pages
	]), ...section(7, [
		2,
		...named("fold"),
		0,
		0,
		...named("memory"),
		2,
		0
	]), ...section(10, [1, ...sized(code)]));
}
/** Content that is folded as it comes: what it ends with costs as much as 100 KB of it, so that it is made once. */
var Folded = class {
	#take;
	#last;
	#isFirst = true;
	constructor(take, last) {
		this.#take = take;
		this.#last = last;
	}
	/** Takes as many bytes as `Folding.bytesOf` says. */
	add(bytes) {
		this.#take(bytes, this.#isFirst);
		this.#isFirst = false;
	}
	/** Content of the same CRC as all that was added; asked for once. */
	end() {
		return this.#last();
	}
};
/**
* Makes long content short without changing its CRC. Where x^(8·d) + … + x^(8·(d - d₁)) + 1 is a multiple of the polynomial of
* a CRC, with a few distances d₁ < … < d, a byte can be taken out of content whose CRC stays the same where it is added
* (XOR) to the bytes that stand so far behind it. All but the last d of them are, sixteen at a time.
*/
var Folding = class {
	#distances;
	#farthest;
	#frontBytes;
	#machine;
	/** From the nearest on, none nearer than a few times sixteen bytes. */
	constructor(distances) {
		this.#distances = distances;
		this.#farthest = Math.max(...distances);
		this.#frontBytes = Math.ceil(this.#farthest / TURN_BYTES) * TURN_BYTES;
	}
	/** How many bytes of so many it takes, from the first one on: the rest stands behind what it makes of them. */
	static bytesOf = (length) => length < LEAST_BYTES || !("WebAssembly" in globalThis) ? 0 : length - length % TURN_BYTES;
	/** Begins content. `register`: that of the CRC so far, its lowest byte first; the CRC goes on from 0. */
	begin(register) {
		const front = new Uint8Array(this.#frontBytes);
		return new Folded((bytes, first) => this.#fold(front, bytes, first ? register : []), () => this.#last(front));
	}
	/** Folds bytes behind those that stand in front of them, and keeps the last ones there. */
	#fold(front, bytes, register) {
		const { memory, fold } = this.#made();
		const frontBytes = this.#frontBytes;
		memory.set(front);
		let pieceBytes = 0;
		for (let at = 0; at < bytes.length; at += pieceBytes) {
			memory.copyWithin(0, pieceBytes, pieceBytes + frontBytes);
			pieceBytes = Math.min(PIECE_BYTES, bytes.length - at);
			memory.set(bytes.subarray(at, at + pieceBytes), frontBytes);
			if (at === 0) for (const [byte, value] of register.entries()) {
				const to = frontBytes + byte;
				memory[to] = (memory[to] ?? 0) ^ value;
			}
			fold(0, pieceBytes);
		}
		front.set(memory.subarray(pieceBytes, pieceBytes + frontBytes));
	}
	#last(front) {
		const farthest = this.#farthest;
		const last = front.subarray(front.length - farthest);
		for (let at = farthest - 1; at >= 0; at--) {
			let byte = last[at] ?? 0;
			for (const distance of this.#distances) {
				if (distance > at) break;
				byte ^= last[at - distance] ?? 0;
			}
			last[at] = byte;
		}
		return last;
	}
	/** Made for the first who needs it. */
	#made() {
		if (this.#machine) return this.#machine;
		const code = foldingModule(this.#distances, this.#frontBytes);
		const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
		this.#machine = {
			memory: new Uint8Array(exports.memory.buffer),
			fold: exports.fold
		};
		return this.#machine;
	}
};

// src/model/crc64nvme.ts
/** The polynomial of CRC-64/NVME, its bits from the lowest on: the upper and the lower half. */
const POLYNOMIAL = {
	high: 2590806825,
	low: 2890647989
};
const LANES = 8;
const ENTRIES = 256;
const WORD_BYTES = 4;
/** Of each byte, in each of eight places: what it does to the checksum, in two halves. */
const HIGH = new Int32Array(LANES * ENTRIES);
const LOW = new Int32Array(LANES * ENTRIES);
for (let byte = 0; byte < ENTRIES; byte++) {
	let [high, low] = [0, byte];
	for (let bit = 0; bit < 8; bit++) {
		const isSet = (low & 1) === 1;
		low = low >>> 1 | high << 31;
		high >>>= 1;
		if (isSet) {
			low ^= POLYNOMIAL.low;
			high ^= POLYNOMIAL.high;
		}
	}
	HIGH[byte] = high;
	LOW[byte] = low;
}
for (let at = ENTRIES; at < LANES * ENTRIES; at++) {
	const [high, low] = [HIGH[at - ENTRIES] ?? 0, LOW[at - ENTRIES] ?? 0];
	LOW[at] = (low >>> 8 | high << 24) ^ (LOW[low & 255] ?? 0);
	HIGH[at] = high >>> 8 ^ (HIGH[low & 255] ?? 0);
}
/** Of a multiple of the polynomial with eight terms, the highest of x^(8·2993): found by search, as there is one of so low a degree for any. */
const FOLDING$1 = new Folding([
	338,
	719,
	1437,
	2455,
	2652,
	2881,
	2993
]);
/** A CRC-64/NVME as S3 writes it. */
function crc64NvmeText(value) {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(value);
	return bytes.toString("base64");
}
const REFLECTED = BigInt(POLYNOMIAL.high) << 32n | BigInt(POLYNOMIAL.low);
const TOP_BIT = 1n << 63n;
/** The product of two polynomials, modulo that of the CRC; their lowest powers are the highest bits. */
function product(one, other) {
	let [sum, shifted] = [0n, other];
	for (let bit = TOP_BIT; bit > 0n; bit >>= 1n) {
		if (one & bit) sum ^= shifted;
		shifted = shifted & 1n ? shifted >> 1n ^ REFLECTED : shifted >> 1n;
	}
	return sum;
}
/** What so many bytes of zeros do to a checksum, by their number: ranges of one object are alike. */
const shifts = /* @__PURE__ */ new Map();
/** x^(8·bytes) */
function shiftOf(bytes) {
	const known = shifts.get(bytes);
	if (known !== void 0) return known;
	let [shift, power] = [TOP_BIT, TOP_BIT >> 8n];
	for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
		if (rest % 2 === 1) shift = product(shift, power);
		power = product(power, power);
	}
	if (shifts.size > 100) shifts.clear();
	shifts.set(bytes, shift);
	return shift;
}
/** The CRC-64/NVME of two pieces of content in a row, by that of each and the length of the second one in bytes. */
const combineCrc64Nvme = (first, second, secondBytes) => product(shiftOf(secondBytes), first) ^ second;
/** A CRC-64/NVME of content that comes piece by piece; only to compare with, as there are faster ones to send. */
var Crc64Nvme = class {
	#high = -1;
	#low = -1;
	#folded;
	add(bytes) {
		const folded = Folding.bytesOf(bytes.length);
		if (folded > 0) {
			this.#folded ??= FOLDING$1.begin(this.#register());
			this.#folded.add(bytes.subarray(0, folded));
		}
		if (folded === bytes.length) return;
		this.#settle();
		this.#addAll(bytes.subarray(folded));
	}
	get value() {
		this.#settle();
		return BigInt(~this.#high >>> 0) << 32n | BigInt(~this.#low >>> 0);
	}
	/** As S3 writes it. */
	text() {
		return crc64NvmeText(this.value);
	}
	/** From its lowest byte on. */
	#register() {
		return [this.#low, this.#high].flatMap((half) => [
			0,
			8,
			16,
			24
		].map((bits) => half >>> bits & 255));
	}
	/** Takes in what was folded. */
	#settle() {
		const last = this.#folded?.end();
		if (!last) return;
		this.#folded = void 0;
		this.#high = 0;
		this.#low = 0;
		this.#addAll(last);
	}
	#addAll(bytes) {
		const { buffer, byteOffset, length } = bytes;
		const aside = Math.min(length, (WORD_BYTES - byteOffset % WORD_BYTES) % WORD_BYTES);
		const words = Math.floor((length - aside) / LANES) * 2;
		this.#addBytes(bytes.subarray(0, aside));
		if (words > 0) this.#addWords(new Int32Array(buffer, byteOffset + aside, words));
		this.#addBytes(bytes.subarray(aside + words * WORD_BYTES));
	}
	#addBytes(bytes) {
		for (const value of bytes) {
			const byte = (this.#low ^ value) & 255;
			this.#low = (this.#low >>> 8 | this.#high << 24) ^ (LOW[byte] ?? 0);
			this.#high = this.#high >>> 8 ^ (HIGH[byte] ?? 0);
		}
	}
	/** An even number of words, the lowest byte of each first, as all systems that Node runs on have them. */
	#addWords(words) {
		let [high, low] = [this.#high, this.#low];
		const of = (table, a, b) => table[1792 + (a & 255)] ^ table[1536 + (a >>> 8 & 255)] ^ table[1280 + (a >>> 16 & 255)] ^ table[1024 + (a >>> 24)] ^ table[768 + (b & 255)] ^ table[512 + (b >>> 8 & 255)] ^ table[256 + (b >>> 16 & 255)] ^ table[b >>> 24];
		for (let at = 0; at < words.length; at += 2) {
			const a = low ^ words[at];
			const b = high ^ words[at + 1];
			low = of(LOW, a, b);
			high = of(HIGH, a, b);
		}
		this.#high = high;
		this.#low = low;
	}
};

// src/model/fast-crc32.ts
/** Of x^(8·4018) + x^(8·2091) + x^(8·1837) + 1, a multiple of the polynomial of CRC-32. */
const FOLDING = new Folding([
	1927,
	2181,
	4018
]);
/** Elsewhere zlib has the processor's own instructions for it; on x64 Node has its tables alone, half to a quarter as fast. */
const isFaster = process.arch === "x64";
/** The CRC-32 of bytes, which follow those of another one. */
function crc32$1(bytes, before = 0) {
	const folded = isFaster ? Folding.bytesOf(bytes.length) : 0;
	if (folded === 0) return crc32(bytes, before);
	const content = begin(before);
	content.add(bytes.subarray(0, folded));
	return crc32(bytes.subarray(folded), endOf(content));
}
__name(crc32$1, "crc32");
const begin = (before) => FOLDING.begin([
	0,
	8,
	16,
	24
].map((bits) => ~before >>> bits & 255));
/** The register of a CRC holds the complement of what zlib gives: it begins with 0 here. */
const endOf = (content) => crc32(content.end(), 4294967295);
/** A CRC-32 of content that comes piece by piece. */
var Crc32 = class {
	#value = 0;
	#folded;
	get value() {
		if (this.#folded) this.#value = endOf(this.#folded);
		this.#folded = void 0;
		return this.#value;
	}
	add(bytes) {
		const folded = isFaster ? Folding.bytesOf(bytes.length) : 0;
		if (folded > 0) {
			this.#folded ??= begin(this.#value);
			this.#folded.add(bytes.subarray(0, folded));
		}
		if (folded < bytes.length) this.#value = crc32(bytes.subarray(folded), this.value);
	}
};

// src/model/range-sum.ts
/** Checksums of content that can be told from those of its ranges, which come in any order; the fastest first. */
const RANGE_SUMS = ["CRC32", "CRC64NVME"];
/** Such a checksum of one range, whose bytes come in a row; 0 where none is wanted. */
var RangeSum = class {
	#crc;
	constructor(name) {
		if (name !== void 0) this.#crc = name === "CRC32" ? new Crc32() : new Crc64Nvme();
	}
	get value() {
		return BigInt(this.#crc?.value ?? 0);
	}
	add(bytes) {
		this.#crc?.add(bytes);
	}
};
const combined32 = (first, { sum, bytes }) => BigInt(combineCrc32(Number(first), Number(sum), bytes));
const combined64 = (first, { sum, bytes }) => combineCrc64Nvme(first, sum, bytes);
/** The checksum of ranges in a row, as S3 writes it. */
function sumOfRanges(name, [first, ...others]) {
	const combined = name === "CRC32" ? combined32 : combined64;
	const sum = others.reduce(combined, first?.sum ?? 0n);
	return name === "CRC32" ? crc32Text(Number(sum)) : crc64NvmeText(sum);
}

// src/adapters/file-sink.ts
/**
* Gathered before they are written. What was read is written while the processor still has it in its cache: with twice as many,
* and with writes that another thread does later, a download costs twice the time of the processor.
*/
const GATHERED_BYTES = 262144;
/** Memory that answers are gathered in, the last one first: it is the warmest. */
const spare = [];
/** Writes an answer to its place in a file at once, so that nothing of it waits. It holds up its thread. */
var FileSink = class {
	#order;
	#gathered = spare.pop() ?? Buffer.allocUnsafeSlow(GATHERED_BYTES);
	#filled = 0;
	#bytes = 0;
	#sum;
	#failure;
	constructor(order) {
		this.#order = order;
		this.#sum = new RangeSum(order.place.summed);
	}
	/** That stand in the file. */
	get written() {
		return {
			bytes: this.#bytes,
			sum: this.#sum.value
		};
	}
	/** Why they could not be written; undefined: they could. */
	get failure() {
		return this.#failure;
	}
	get memory() {
		return this.#gathered.subarray(this.#filled);
	}
	add(bytes) {
		for (let at = 0; at < bytes.length;) {
			const room = this.memory;
			const some = bytes.subarray(at, at + room.length);
			room.set(some);
			at += some.length;
			this.took(some.length);
		}
	}
	took(bytes) {
		this.#filled += bytes;
		if (this.#filled === GATHERED_BYTES) this.#write();
	}
	/** Writes what was gathered last. */
	end() {
		this.#write();
	}
	/** Nothing is added any more. */
	release() {
		spare.push(this.#gathered);
	}
	#write() {
		const { place, isEnded } = this.#order;
		const bytes = this.#gathered.subarray(0, this.#filled);
		this.#sum.add(bytes);
		for (let done = 0; done < bytes.length;) {
			if (Atomics.load(isEnded, 0) !== 0) throw new Error("It was given up.");
			const at = place.at + this.#bytes;
			const written = this.#writeSome(bytes.subarray(done), at);
			done += written;
			this.#bytes += written;
		}
		this.#filled = 0;
	}
	#writeSome(bytes, at) {
		try {
			return writeSync(this.#order.place.handle, bytes, 0, Math.min(bytes.length, WRITE_BYTES), at);
		} catch (error) {
			this.#failure = error;
			throw error;
		}
	}
};

// src/adapters/body-memory.ts
/** A page of a listing as S3 sends it, with keys of usual length. */
const FIRST_BYTES = 360448;
/** As many requests are under way. */
const MOST_SPARE = 32;
/** Memory that the bodies of answers are read into, one after the other: fresh one each time is the work of the garbage collector. */
var BodyMemory = class {
	#spare = [];
	/** Memory for so many bytes, with what it held before. */
	take(bytes) {
		const last = this.#spare.pop();
		return last && last.length >= bytes ? last : Buffer.allocUnsafeSlow(Math.max(bytes, FIRST_BYTES));
	}
	/** Takes a body back, of which nothing will be read any more. */
	giveBack({ buffer, byteOffset }) {
		if (byteOffset !== 0 || this.#spare.length >= MOST_SPARE) return;
		this.#spare.push(Buffer.from(buffer));
	}
};

export { ADDRESS_MS, AnswerBody, BodyMemory, Connections, Crc32, Crc64Nvme, FileSink, MAGIC, MOST_ERROR_BYTES, MOST_PAGE_BYTES, RANGE_SUMS, RangeSum, ServiceError, SyncError, WRITE_BYTES, answeredFailure, askedWaitMs, bounded, codeByStatus, combineCrc32, crc32$1 as crc32, crc32Text, createHash, createHmac, createSecretKey, entryOf, explain, failureKind, hasExpired, hash, healsByRunning, helpOf, init__crypto, isAcrossRegions, isConsequence, isExpiry, isMissing, isOwnCode, isPuzzled, isRefusal, isThrottling, isTransient, isVague, listen, named, namedFailure, networkHint, ofPage, ownTrust, randomBytes, randomUUID, remedyFor, remedyIn, roleRemedy, section, serviceFailure, shortened, sized, spokenRemedy, sumOfRanges, targetOf, tellLine, tellRequest, titleOf, titleOfCode, tooLong, traceOf, trustOfNode, unreached, unsigned, watch };