export const id = 749;
export const ids = [749];
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

/***/ 6749:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  s3Store: () => (/* binding */ s3Store)
});

// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-s3/dist-cjs/index.js
var dist_cjs = __webpack_require__(3711);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
;// CONCATENATED MODULE: ./build/adapters/deletes.js


/** XML has no way to write the others, or none that every parser keeps: such a key has to stand in the URL. */
const XML_TEXT = /^[\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
/** How services answer that do not know conditions on deletes. */
const UNKNOWN_CONDITION = new Set([
    'MalformedXML',
    'NotImplemented',
    'InvalidRequest',
    'InvalidArgument',
]);
const conditionOf = ({ etag }) => `"${etag}"`;
async function deleteMany({ client, bucket, signal, pinned }, targets) {
    if (targets.length === 0)
        return { failures: [], rest: [] };
    const objects = targets.map((target) => ({
        Key: target.key,
        ...(pinned ? { ETag: conditionOf(target) } : {}),
    }));
    const input = { Bucket: bucket, Delete: { Objects: objects } };
    const { Errors = [], Deleted = [] } = await client.send(new dist_cjs/* DeleteObjectsCommand */.xvx(input), {
        abortSignal: signal,
    });
    const named = new Set([...Errors, ...Deleted].map(({ Key }) => Key));
    const failures = Errors.map(({ Key = '', Code = '', Message = '' }) => ({
        key: Key,
        code: Code,
        message: Message,
    }));
    return { failures, rest: targets.filter(({ key }) => !named.has(key)) };
}
async function deleteOne({ client, bucket, signal, pinned }, target) {
    const condition = pinned ? { IfMatch: conditionOf(target) } : {};
    const input = { Bucket: bucket, Key: target.key, ...condition };
    try {
        await client.send(new dist_cjs/* DeleteObjectCommand */.k4j(input), { abortSignal: signal });
        return [];
    }
    catch (error) {
        const { code, message, status } = (0,errors/* serviceFailure */.Kr)(error);
        if (status === undefined || UNKNOWN_CONDITION.has(code))
            throw error;
        return [{ key: target.key, code, message }];
    }
}
async function deleteAll(call, targets) {
    const plain = targets.filter(({ key }) => XML_TEXT.test(key));
    const odd = targets.filter(({ key }) => !XML_TEXT.test(key));
    const { failures, rest } = await deleteMany(call, plain);
    // Only what the service says is gone counts; a second delete of the same object does no harm.
    for (const target of [...rest, ...odd])
        failures.push(...(await deleteOne(call, target)));
    return failures;
}
/** Deletes by DeleteObjects; each object only while it has its ETag, where the service knows how. */
function deleter(client) {
    let pinned = true;
    return async (bucket, targets, signal) => {
        try {
            return await deleteAll({ client, bucket, signal, pinned }, targets);
        }
        catch (error) {
            if (!pinned || !UNKNOWN_CONDITION.has((0,errors/* serviceFailure */.Kr)(error).code))
                throw error;
            pinned = false;
            return deleteAll({ client, bucket, signal, pinned }, targets);
        }
    };
}

;// CONCATENATED MODULE: ./build/adapters/list-tap.js
/** What the SDK is given to read in place of a page: it then only checks that it is XML. */
const STUB = Buffer.from('<ListBucketResult></ListBucketResult>');
const FIRST_BYTES = 352 * 1024;
/** Buffers of pages that were read. Fresh ones for every page would keep the garbage collector busy. */
const spare = [];
async function collect(body) {
    let buffer;
    let length = 0;
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        buffer ??= spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
        if (length + chunk.length > buffer.length) {
            const larger = Buffer.allocUnsafeSlow((length + chunk.length) * 2);
            buffer.copy(larger, 0, 0, length);
            buffer = larger;
        }
        buffer.set(chunk, length);
        length += chunk.length;
    }
    return {
        read: (reader) => {
            try {
                return reader(buffer?.subarray(0, length) ?? new Uint8Array());
            }
            finally {
                if (buffer)
                    spare.push(buffer);
                buffer = undefined;
            }
        },
    };
}
/**
 * Takes the pages of ListObjectsV2 past the SDK's XML parser, which costs ten times what all else
 * does; signing, endpoints, retries and errors stay the SDK's. Gives the page of an output.
 */
function tapListings(client) {
    const pages = new WeakMap();
    const pending = new WeakMap();
    client.middlewareStack.add((next, context) => async (args) => {
        const result = await next(args);
        const answer = result.response;
        if (context.commandName === 'ListObjectsV2Command' && answer.statusCode === 200) {
            pending.set(context, await collect(answer.body));
            answer.body = STUB;
        }
        return result;
    }, { step: 'deserialize', priority: 'low', name: 'tapListings' });
    client.middlewareStack.add((next, context) => async (args) => {
        const result = await next(args);
        const page = pending.get(context);
        if (page)
            pages.set(result.output, page);
        return result;
    }, { step: 'initialize', priority: 'high', name: 'giveListings' });
    return (output) => pages.get(output);
}

// EXTERNAL MODULE: ./build/adapters/sdk-credentials.js
var sdk_credentials = __webpack_require__(1414);
;// CONCATENATED MODULE: ./build/adapters/store.js





const CONNECT_MS = 10_000;
const plainEtag = (etag) => etag?.replace(/^"|"$/g, '') ?? '';
/** The header names bucket and key; every byte but the slashes is escaped, a space as %20. */
const copySource = (bucket, key) => `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
function clientFor(address) {
    const agent = { keepAlive: true, maxSockets: address.maxSockets };
    return new dist_cjs/* S3Client */.YxF({
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
        credentials: (0,sdk_credentials/* toSdk */.i)(address.credentials),
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
        const answer = await client.send(new dist_cjs/* HeadBucketCommand */.kuI({ Bucket: bucket }));
        return answer.BucketRegion;
    }
    catch (error) {
        // S3 names the region even to those who may not look.
        const region = error.$response?.headers?.['x-amz-bucket-region'];
        if (region)
            return region;
        if ((0,errors/* serviceFailure */.Kr)(error).code === 'AccessDenied')
            return undefined;
        throw error;
    }
}
const listInput = (query, askForRestored) => ({
    Bucket: query.bucket,
    Prefix: query.prefix,
    StartAfter: query.token === undefined ? query.startAfter : undefined,
    ContinuationToken: query.token,
    Delimiter: query.delimiter,
    EncodingType: 'url',
    // Some compatible services refuse headers that they do not know.
    ...(askForRestored ? { OptionalObjectAttributes: ['RestoreStatus'] } : {}),
});
/** Asks for one key under a prefix that is not the prefix itself. */
const oneKey = (bucket, prefix) => ({
    ...listInput({ bucket, prefix, startAfter: prefix || undefined }, false),
    MaxKeys: 1,
});
function holdsNothing(page) {
    const text = page?.read((body) => Buffer.from(body).toString('latin1')) ?? '';
    if (!text.includes('</ListBucketResult>'))
        throw Object.assign(new Error('The service did not answer with a whole listing.'), {
            name: 'InternalError',
        });
    return !text.includes('<Contents>');
}
async function copy(client, request) {
    const input = {
        Bucket: request.bucket,
        Key: request.key,
        CopySource: copySource(request.sourceBucket, request.sourceKey),
        CopySourceIfMatch: `"${request.sourceEtag}"`,
    };
    const answer = await client.send(new dist_cjs/* CopyObjectCommand */.s9Z(input), {
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
    const pageOf = tapListings(client);
    return {
        bucketRegion: (bucket) => bucketRegion(client, bucket),
        isEmpty: async (bucket, prefix) => {
            const output = await client.send(new dist_cjs/* ListObjectsV2Command */.u6x(oneKey(bucket, prefix)));
            return holdsNothing(pageOf(output));
        },
        listPage: async (query, read) => {
            const options = query.signal ? { abortSignal: query.signal } : {};
            const output = await client.send(new dist_cjs/* ListObjectsV2Command */.u6x(listInput(query, address.endpoint === undefined)), options);
            const page = pageOf(output);
            return {
                value: page ? page.read(read) : read(new Uint8Array()),
                attempts: output.$metadata.attempts ?? 1,
            };
        },
        head: async (bucket, key, signal) => {
            const options = signal ? { abortSignal: signal } : {};
            try {
                const found = await client.send(new dist_cjs/* HeadObjectCommand */.l81({ Bucket: bucket, Key: key }), options);
                return {
                    size: found.ContentLength ?? 0,
                    etag: plainEtag(found.ETag),
                    restored: /ongoing-request="false"/.test(found.Restore ?? ''),
                    modified: (found.LastModified ?? new Date(0)).toISOString(),
                };
            }
            catch (error) {
                const { code } = (0,errors/* serviceFailure */.Kr)(error);
                if (code === 'NotFound' || code === 'NoSuchKey')
                    return undefined;
                throw error;
            }
        },
        copy: (request) => copy(client, request),
        deleteObjects: deleter(client),
        serverTimeMs,
        close: () => client.destroy(),
    };
}


/***/ })

};
