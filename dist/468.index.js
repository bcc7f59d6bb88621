export const id = 468;
export const ids = [468];
export const modules = {

/***/ 1414:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   i: () => (/* binding */ toSdk),
/* harmony export */   z: () => (/* binding */ fromSdk)
/* harmony export */ });
/** Our credentials as the SDK takes them; asked for again as they expire. */
const toSdk = (source) => async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = await source();
    return {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
        ...(expiresAtMs === undefined ? {} : { expiration: new Date(expiresAtMs) }),
    };
};
/** The SDK's credentials as ours. */
const fromSdk = (source) => async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await source();
    return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: expiration?.getTime() };
};


/***/ }),

/***/ 2468:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   s3Store: () => (/* binding */ s3Store)
/* harmony export */ });
/* harmony import */ var _aws_sdk_client_s3__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3711);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _sdk_credentials_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1414);



const CONNECT_MS = 10_000;
const plainEtag = (etag) => etag?.replace(/^"|"$/g, '') ?? '';
/** The header names bucket and key; every byte but the slashes is escaped, a space as %20. */
const copySource = (bucket, key) => `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
function clientFor(address) {
    const agent = { keepAlive: true, maxSockets: address.maxSockets };
    return new _aws_sdk_client_s3__WEBPACK_IMPORTED_MODULE_1__/* .S3Client */ .YxF({
        region: address.region,
        // Compatible services are addressed by path, and do not all know the newer checksum headers.
        ...(address.endpoint
            ? {
                endpoint: address.endpoint,
                forcePathStyle: true,
                requestChecksumCalculation: 'WHEN_REQUIRED',
                responseChecksumValidation: 'WHEN_REQUIRED',
            }
            : {}),
        credentials: (0,_sdk_credentials_js__WEBPACK_IMPORTED_MODULE_2__/* .toSdk */ .i)(address.credentials),
        maxAttempts: address.maxAttempts,
        followRegionRedirects: true,
        requestHandler: {
            connectionTimeout: CONNECT_MS,
            requestTimeout: address.timeoutMs,
            throwOnRequestTimeout: true,
            httpAgent: agent,
            httpsAgent: agent,
        },
    });
}
/** Follows the service's clock by the Date of its answers. */
function serverClock(client) {
    let seen;
    client.middlewareStack.add((next) => async (args) => {
        const result = await next(args);
        const date = Date.parse(result.response?.headers?.['date'] ?? '');
        if (!Number.isNaN(date))
            seen = { serverMs: date, atMs: performance.now() };
        return result;
    }, { step: 'deserialize', priority: 'low', name: 'serverClock' });
    return () => seen && seen.serverMs + Math.floor(performance.now() - seen.atMs);
}
async function bucketRegion(client, bucket) {
    try {
        const answer = await client.send(new _aws_sdk_client_s3__WEBPACK_IMPORTED_MODULE_1__/* .HeadBucketCommand */ .kuI({ Bucket: bucket }));
        return answer.BucketRegion;
    }
    catch (error) {
        // S3 names the region even to those who may not look.
        const region = error.$response?.headers?.['x-amz-bucket-region'];
        if (region)
            return region;
        if ((0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .serviceFailure */ .Kr)(error).code === 'AccessDenied')
            return undefined;
        throw error;
    }
}
const unreadable = (why) => Object.assign(new Error(`The answer is not a listing: ${why}.`), { name: 'IncompleteListing' });
function entryOf({ Key, Size, ETag, LastModified, StorageClass }) {
    if (Key === undefined || Size === undefined || !ETag || !LastModified)
        throw unreadable('an object comes without key, size, ETag or time');
    const etag = plainEtag(ETag);
    return {
        key: Key,
        size: Size,
        etag,
        lastModifiedMs: LastModified.getTime(),
        storageClass: StorageClass,
    };
}
async function listPage(client, query) {
    const input = {
        Bucket: query.bucket,
        Prefix: query.prefix,
        ContinuationToken: query.token,
        MaxKeys: query.maxKeys,
        EncodingType: 'url',
    };
    const page = await client.send(new _aws_sdk_client_s3__WEBPACK_IMPORTED_MODULE_1__/* .ListObjectsV2Command */ .u6x(input), query.signal ? { abortSignal: query.signal } : {});
    if (page.IsTruncated === undefined)
        throw unreadable('a page does not say whether more follows');
    return {
        entries: (page.Contents ?? []).map(entryOf),
        encoded: page.EncodingType === 'url',
        keyCount: page.KeyCount,
        truncated: page.IsTruncated,
        nextToken: page.NextContinuationToken,
    };
}
async function copy(client, request) {
    const input = {
        Bucket: request.bucket,
        Key: request.key,
        CopySource: copySource(request.sourceBucket, request.sourceKey),
        CopySourceIfMatch: `"${request.sourceEtag}"`,
    };
    const answer = await client.send(new _aws_sdk_client_s3__WEBPACK_IMPORTED_MODULE_1__/* .CopyObjectCommand */ .s9Z(input), {
        requestTimeout: request.timeoutMs,
        ...(request.signal ? { abortSignal: request.signal } : {}),
    });
    const etag = plainEtag(answer.CopyObjectResult?.ETag);
    if (etag === '')
        throw Object.assign(new Error('The service answered a copy without an ETag.'), {
            name: 'InternalError',
            $metadata: answer.$metadata,
        });
    return etag;
}
/** S3 through the AWS SDK. */
function s3Store(address) {
    const client = clientFor(address);
    const serverTimeMs = serverClock(client);
    return {
        bucketRegion: (bucket) => bucketRegion(client, bucket),
        listPage: (query) => listPage(client, query),
        head: async (bucket, key, signal) => {
            const options = signal ? { abortSignal: signal } : {};
            try {
                const found = await client.send(new _aws_sdk_client_s3__WEBPACK_IMPORTED_MODULE_1__/* .HeadObjectCommand */ .l81({ Bucket: bucket, Key: key }), options);
                return {
                    size: found.ContentLength ?? 0,
                    etag: plainEtag(found.ETag),
                    lastModifiedMs: found.LastModified?.getTime() ?? 0,
                };
            }
            catch (error) {
                const { code } = (0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .serviceFailure */ .Kr)(error);
                if (code === 'NotFound' || code === 'NoSuchKey')
                    return undefined;
                throw error;
            }
        },
        copy: (request) => copy(client, request),
        serverTimeMs,
        close: () => client.destroy(),
    };
}


/***/ })

};
