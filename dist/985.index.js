export const id = 985;
export const ids = [985];
export const modules = {

/***/ 7802:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q: () => (/* binding */ toldFailure),
/* harmony export */   b: () => (/* binding */ textOf)
/* harmony export */ });
/* harmony import */ var _errors_service_failure_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7766);
/* harmony import */ var _model_xml_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9819);


const decoded = (text) => Buffer.from((0,_model_xml_js__WEBPACK_IMPORTED_MODULE_1__/* .plainText */ .wh)(text), 'latin1').toString();
/** Text of the first element of a kind in a body that was read as latin1. */
const textOf = (xml, name) => {
    const text = (0,_model_xml_js__WEBPACK_IMPORTED_MODULE_1__/* .element */ .ND)(xml, name);
    return text === undefined ? undefined : decoded(text);
};
/** What the body of an answer says is wrong; it may be cut off behind its beginning. */
function toldFailure(status, body) {
    const text = body.toString('latin1');
    const said = textOf(text, 'Code') || undefined;
    const [, open = ''] = text.split('<Message>', 2);
    const message = decoded(open.split('</Message>', 1)[0] ?? '');
    return { said, error: (0,_errors_service_failure_js__WEBPACK_IMPORTED_MODULE_0__/* .answeredFailure */ .Ef)({ status, code: said, message }) };
}


/***/ }),

/***/ 6153:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   v: () => (/* binding */ hearing)
/* harmony export */ });
/* harmony import */ var _model_or_aborted_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2715);

/** Lets a client's calls end at their signal: the SDK itself hears none while it waits for credentials, or to try again. */
function hearing(client) {
    const send = client.send.bind(client);
    const heard = (command, options) => (0,_model_or_aborted_js__WEBPACK_IMPORTED_MODULE_0__/* .orAborted */ .H)(options?.abortSignal, send(command, options));
    return Object.assign(client, { send: heard });
}


/***/ }),

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

/***/ 7700:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   n: () => (/* binding */ SdkHandler)
/* harmony export */ });
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7075);
/* harmony import */ var _errors_service_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2470);
/* harmony import */ var _errors_service_failure_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7766);
/* harmony import */ var _model_answer_room_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(6628);
/* harmony import */ var _bounded_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8036);
/* harmony import */ var _error_answer_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7802);
/* harmony import */ var _sigv4_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8382);
/* harmony import */ var _wire_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(1640);








const CONNECT_MS = 10_000;
const MARKS = ['<', '&'].map((mark) => Buffer.from(mark));
function targetOf({ path, query }) {
    const pairs = Object.entries(query)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => one === null ? (0,_sigv4_js__WEBPACK_IMPORTED_MODULE_5__/* .escapeUri */ .o$)(name) : `${(0,_sigv4_js__WEBPACK_IMPORTED_MODULE_5__/* .escapeUri */ .o$)(name)}=${(0,_sigv4_js__WEBPACK_IMPORTED_MODULE_5__/* .escapeUri */ .o$)(one)}`));
    return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}
function wireRequestOf(request) {
    const { protocol, hostname, port, method, headers, body } = request;
    if (body !== undefined &&
        body !== null &&
        typeof body !== 'string' &&
        !(body instanceof Uint8Array))
        throw new TypeError('A request of the SDK has a body that is a stream.');
    return {
        base: new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`),
        method,
        target: targetOf(request),
        headers,
        body: body ?? undefined,
        mostBytes: _model_answer_room_js__WEBPACK_IMPORTED_MODULE_7__/* .MOST_PARSED_BYTES */ .G9,
        connectMs: CONNECT_MS,
    };
}
const headersOf = ({ headers }) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
]));
/** Throws where the SDK's parser would hold up all else, or never end. */
function refuseEndless({ status, body }) {
    if (status >= 300 && body.length >= _bounded_js__WEBPACK_IMPORTED_MODULE_3__/* .MOST_ERROR_BYTES */ .f_)
        throw (0,_error_answer_js__WEBPACK_IMPORTED_MODULE_4__/* .toldFailure */ .Q)(status, body).error;
    let marks = 0;
    for (const mark of MARKS)
        for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1))
            if (++marks > _model_answer_room_js__WEBPACK_IMPORTED_MODULE_7__/* .MOST_PARSED_MARKS */ .tf)
                throw (0,_bounded_js__WEBPACK_IMPORTED_MODULE_3__/* .tooLong */ .Po)(status);
}
/**
 * Sends the SDK's requests by the rules of our own: one limit on the whole time of an attempt, one on the
 * size of its answer, and a cancel is heard at once, in the body too.
 */
class SdkHandler {
    metadata = { handlerProtocol: 'http/1.1' };
    #rules;
    constructor(rules) {
        this.#rules = rules;
    }
    /** Makes one attempt. Throws what the network did, ServiceError, or the signal's reason. */
    async handle(request, { abortSignal } = {}) {
        const { agents, timeoutMs, passes } = this.#rules;
        // The SDK has a type of its own for what is Node's.
        const signal = abortSignal;
        try {
            const wireRequest = wireRequestOf(request);
            const answer = await (0,_wire_js__WEBPACK_IMPORTED_MODULE_6__/* .open */ .ho)(wireRequest, agents, { timeoutMs, signal });
            const { status: statusCode } = answer;
            const headers = headersOf(answer);
            if (statusCode === 200 && passes?.(request.query))
                return { response: { statusCode, headers, body: answer.body } };
            const whole = await (0,_wire_js__WEBPACK_IMPORTED_MODULE_6__/* .wholeOf */ .l2)(answer, wireRequest);
            refuseEndless(whole);
            return { response: { statusCode, headers, body: node_stream__WEBPACK_IMPORTED_MODULE_0__.Readable.from([whole.body]) } };
        }
        catch (error) {
            // The catalogue decides for the SDK, too, what is worth another attempt.
            if (error instanceof _errors_service_error_js__WEBPACK_IMPORTED_MODULE_1__/* .ServiceError */ ._ && (0,_errors_service_failure_js__WEBPACK_IMPORTED_MODULE_2__/* .isTransient */ .dg)(error))
                throw Object.assign(error, { $retryable: {} });
            throw error;
        }
    }
    /** Closes its connections. */
    destroy() {
        const { agents } = this.#rules;
        agents.http.destroy();
        agents.https.destroy();
    }
    /** Nothing of it is the SDK's to change. */
    updateHttpClientConfig() { }
    /** Nothing of it is the SDK's to know. */
    httpHandlerConfigs() {
        return {};
    }
}


/***/ }),

/***/ 7127:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   g: () => (/* binding */ sdkService)
/* harmony export */ });
/** What a client of the SDK is told of its service; without these options it looks for an address by itself. */
const sdkService = ({ endpoint, region, variant }) => ({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: variant.fips,
    useDualstackEndpoint: variant.dualstack,
});


/***/ }),

/***/ 8382:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _e: () => (/* binding */ EMPTY_SHA256),
/* harmony export */   o$: () => (/* binding */ escapeUri),
/* harmony export */   rO: () => (/* binding */ createSigner),
/* harmony export */   sc: () => (/* binding */ sha256)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** The payload of a request without a body. */
const EMPTY_SHA256 = sha256('');
/** Hex. Text is taken as latin1: one character is one byte on the wire. */
function sha256(payload) {
    const bytes = typeof payload === 'string' && /[^\0-\x7f]/.test(payload)
        ? Buffer.from(payload, 'latin1')
        : payload;
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.hash)('sha256', bytes, 'hex');
}
const hmac = (key, text) => (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHmac)('sha256', key).update(text).digest();
/** `20261122T101530Z`; made once a second. */
function createTimestamp() {
    let [second, text] = [Number.NaN, ''];
    return (ms) => {
        const now = Math.floor(ms / 1000);
        if (now !== second) {
            second = now;
            text = `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
        }
        return text;
    };
}
/** Escapes everything but the characters that AWS leaves alone; a slash too. */
const escapeUri = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const BLANKS = /^[ \t]|[ \t]$|\t| {2}/;
/** A header's value as it is signed: without blanks around it, and single spaces within. */
const plain = (value) => 
// Not by trim(): in latin1 it takes the last byte of an `à` for a blank.
BLANKS.test(value) ? value.replace(/^[ \t]+|[ \t]+$/g, '').replace(/[ \t]+/g, ' ') : value;
/** Signing keys of a day are made once for each set of credentials. */
function keyring({ region, service }) {
    let held;
    return (secret, day) => {
        if (held?.secret !== secret || held.day !== day) {
            const steps = [day, region, service, 'aws4_request'];
            const key = steps.reduce(hmac, Buffer.from(`AWS4${secret}`));
            // From bytes Node would make this object anew for every signature, which costs more than the signature.
            held = { secret, day, key: (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createSecretKey)(key) };
        }
        return held.key;
    };
}
/** Signs requests by Signature Version 4; gives the headers that a request has to have besides its own. */
function createSigner(scope) {
    const keyOf = keyring(scope);
    const timestamp = createTimestamp();
    return (request, { accessKeyId, secretAccessKey, sessionToken }, nowMs) => {
        const time = timestamp(nowMs);
        const day = time.slice(0, 8);
        const added = {
            'x-amz-content-sha256': request.payloadSha256,
            'x-amz-date': time,
        };
        if (sessionToken)
            added['x-amz-security-token'] = sessionToken;
        const headers = { ...request.headers, ...added };
        const sorted = Object.keys(headers).sort();
        const names = sorted.join(';');
        const lines = sorted.map((name) => `${name}:${plain(headers[name] ?? '')}\n`).join('');
        const { method, path, query, payloadSha256 } = request;
        const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${payloadSha256}`;
        const credential = `${day}/${scope.region}/${scope.service}/aws4_request`;
        const text = `${ALGORITHM}\n${time}\n${credential}\n${sha256(canonical)}`;
        const signature = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHmac)('sha256', keyOf(secretAccessKey, day)).update(text).digest('hex');
        added['authorization'] =
            `${ALGORITHM} Credential=${accessKeyId}/${credential}, SignedHeaders=${names}, Signature=${signature}`;
        return added;
    };
}


/***/ }),

/***/ 3985:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  s3Store: () => (/* binding */ s3Store)
});

// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-s3/dist-cjs/index.js
var dist_cjs = __webpack_require__(3711);
// EXTERNAL MODULE: ./build/errors/service-failure.js
var service_failure = __webpack_require__(7766);
;// CONCATENATED MODULE: ./build/model/etag.js
/** An ETag without quotes and without the mark of a weak one, as services send either; '' for none. */
const plainEtag = (etag) => etag?.replace(/^W\//, '').replace(/^"|"$/g, '') ?? '';
/** Whether the encryption of an object, as its headers name it, leaves its ETag an MD5: not with SSE-KMS, DSSE-KMS and SSE-C. */
const leavesMd5 = (encryption, customerAlgorithm) => !encryption?.startsWith('aws:kms') && !customerAlgorithm;

// EXTERNAL MODULE: ./build/adapters/agents.js + 1 modules
var adapters_agents = __webpack_require__(9297);
// EXTERNAL MODULE: ./build/errors/service-error.js
var service_error = __webpack_require__(2470);
// EXTERNAL MODULE: ./build/model/key.js
var key = __webpack_require__(2625);
// EXTERNAL MODULE: ./build/model/page-watch.js
var page_watch = __webpack_require__(3317);
// EXTERNAL MODULE: ./build/model/xml.js
var xml = __webpack_require__(9819);
;// CONCATENATED MODULE: ./build/adapters/buckets.js






/** Region of a bucket, and whether the name is an alias, as far as the service tells. */
async function findBucket(client, bucket) {
    try {
        const answer = await client.send(new dist_cjs/* HeadBucketCommand */.kuI({ Bucket: bucket }));
        return { region: answer.BucketRegion, isAlias: answer.AccessPointAlias ?? false };
    }
    catch (error) {
        // S3 names the region even to those who may not look.
        const { headers } = error.$response ?? {};
        const region = headers?.['x-amz-bucket-region'];
        const isAlias = headers?.['x-amz-access-point-alias'] === 'true';
        if (region || (0,service_failure/* serviceFailure */.Kr)(error).code === 'AccessDenied')
            return { region, isAlias };
        throw error;
    }
}
/** Nobody waits long for what a run can do without. */
const optional = () => ({ abortSignal: AbortSignal.timeout(5000) });
/** undefined when nothing is encrypted unless it is asked for. */
async function bucketEncryption(client, bucket) {
    try {
        const answer = await client.send(new dist_cjs/* GetBucketEncryptionCommand */.tQT({ Bucket: bucket }), optional());
        const rule = answer.ServerSideEncryptionConfiguration?.Rules?.[0];
        const { SSEAlgorithm, KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {};
        return SSEAlgorithm ? { algorithm: SSEAlgorithm, kmsKey: KMSMasterKeyID } : undefined;
    }
    catch (error) {
        if ((0,service_failure/* serviceFailure */.Kr)(error).code !== 'ServerSideEncryptionConfigurationNotFoundError')
            throw error;
        return undefined;
    }
}
/** Whether a bucket keeps older versions. */
async function isVersioned(client, bucket) {
    const answer = await client.send(new dist_cjs/* GetBucketVersioningCommand */._rj({ Bucket: bucket }), optional());
    return answer.Status === 'Enabled';
}
/** A key as text; one that is not valid UTF-8 has none, and none of ours is like that. */
const textOf = (encoded) => (0,key/* toText */.f)((0,xml/* fromUrlEncoded */.MR)(encoded)) ?? '';
/** The SDK's parser holds up all else while it reads a page. */
const UPLOADS_PER_PAGE = 250;
/** Who has left more than fifty thousand uploads unfinished needs a lifecycle rule. */
const MOST_UPLOAD_PAGES = 200;
const endless = (why) => new service_error/* ServiceError */._('AnswerTooLong', `The unfinished uploads of the bucket have no end: ${why}.`);
/** Unfinished uploads of keys that begin with the prefix, page by page. Throws where the pages lead nowhere. */
async function* uploads(client, { bucket: Bucket, prefix: Prefix }, abortSignal) {
    const watch = new page_watch/* PageWatch */.d();
    let marker = {};
    for (let pages = 0; pages < MOST_UPLOAD_PAGES; pages++) {
        const input = { Bucket, Prefix, EncodingType: 'url', MaxUploads: UPLOADS_PER_PAGE };
        const page = await client.send(new dist_cjs/* ListMultipartUploadsCommand */.mo2({ ...input, ...marker }), {
            abortSignal,
        });
        const encoded = page.EncodingType === 'url';
        for (const { Key = '', UploadId = '', Initiator } of page.Uploads ?? []) {
            const key = encoded ? textOf(Key) : Key;
            yield { bucket: Bucket, key, uploadId: UploadId, initiator: Initiator?.ID };
        }
        if (!page.IsTruncated || !page.NextUploadIdMarker)
            return;
        const next = page.NextKeyMarker ?? '';
        const problem = watch.problemOf(`${next} ${page.NextUploadIdMarker}`, page.Uploads?.length ?? 0);
        if (problem)
            throw endless(problem);
        marker = {
            KeyMarker: encoded ? textOf(next) : next,
            UploadIdMarker: page.NextUploadIdMarker,
        };
    }
    throw endless(`there are more than ${MOST_UPLOAD_PAGES} pages of them`);
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./build/adapters/delete-digest.js

const NEWER = /^x-amz-(checksum-|sdk-checksum-algorithm$)/;
/**
 * Lets DeleteObjects carry Content-MD5 in place of the checksum that the SDK sends. All services take it, AWS too,
 * as every SDK sent it for fifteen years; many compatible ones know nothing else, and say MissingContentMD5. Only
 * one of the two is sent, as there are services that refuse headers which they do not know.
 */
function sendMd5OfDeletes({ middlewareStack }) {
    middlewareStack.add((next, { commandName }) => (args) => {
        if (commandName === 'DeleteObjectsCommand') {
            const { headers, body = '' } = args.request;
            for (const name of Object.keys(headers))
                if (NEWER.test(name))
                    delete headers[name];
            headers['content-md5'] = (0,external_node_crypto_.createHash)('md5').update(body).digest('base64');
        }
        return next(args);
    }, 
    // Behind what adds the checksum, before what signs.
    { step: 'build', priority: 'low', name: 'md5OfDeletes' });
}

;// CONCATENATED MODULE: ./build/adapters/deletes.js




/** XML has no way to write the others, or none that every parser keeps. */
const XML_TEXT = /^[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
/** Blanks that may be trimmed, or folded into one: the rest would be the key of another object. */
const LOOSE_BLANKS = /(^|\/)\s|\s(\/|$)|\s\s/;
/** Whether every parser reads the key as it is; any other has to stand in the URL. */
const standsInXml = (key) => XML_TEXT.test(key) && !LOOSE_BLANKS.test(key);
const conditionOf = ({ etag }) => `"${etag}"`;
/** Who deletes other objects than it was asked to must not be asked again. */
function refuseOthers(named, targets) {
    const asked = new Set(targets.map(({ key }) => key));
    const [other] = [...named].filter((key) => key && !asked.has(key));
    if (other === undefined)
        return;
    const message = `The service was asked to delete ${targets.length} objects, and names one that is none of them: ${JSON.stringify(other)}.`;
    throw new service_error/* ServiceError */._('OtherKeysNamed', message, { status: 200 });
}
async function deleteMany({ client, bucket, limits: { signal, pace }, pinned }, targets) {
    if (targets.length === 0)
        return { failures: [], rest: [] };
    const objects = targets.map((target) => ({
        Key: target.key,
        ...(pinned ? { ETag: conditionOf(target) } : {}),
    }));
    const input = { Bucket: bucket, Delete: { Objects: objects } };
    await pace();
    const { Errors = [], Deleted = [] } = await client.send(new dist_cjs/* DeleteObjectsCommand */.xvx(input), {
        abortSignal: signal,
    });
    const named = new Set([...Errors, ...Deleted].map(({ Key }) => Key));
    refuseOthers(named, targets);
    const failures = Errors.map(({ Key = '', Code = '', Message = '' }) => ({
        key: Key,
        ...(0,service_failure/* namedFailure */.Q$)(Code, Message),
    }));
    return { failures, rest: targets.filter(({ key }) => !named.has(key)) };
}
/** How S3 says that an object is gone. */
const NO_CONTENT = 204;
/** What another answer than that of S3 was worth, as the object itself tells. */
async function stillThere({ client, bucket, limits: { signal, pace } }, { key }) {
    await pace();
    try {
        await client.send(new dist_cjs/* HeadObjectCommand */.l81({ Bucket: bucket, Key: key }), { abortSignal: signal });
        const message = 'The service answered as if it had deleted the object, and still has it.';
        return [{ key, code: 'NotDeleted', message }];
    }
    catch (error) {
        if ((0,service_failure/* isMissing */.b2)(error))
            return [];
        throw error;
    }
}
/** Deletes one object while it has its ETag; where the service refuses such a request, after a look at the object. */
async function deleteOne(call, target, bound = true) {
    const { client, bucket, limits } = call;
    const { signal, pace } = limits;
    const condition = bound ? { IfMatch: conditionOf(target) } : {};
    const input = { Bucket: bucket, Key: target.key, ...condition };
    await pace();
    try {
        const answer = await client.send(new dist_cjs/* DeleteObjectCommand */.k4j(input), { abortSignal: signal });
        return answer.$metadata.httpStatusCode === NO_CONTENT ? [] : await stillThere(call, target);
    }
    catch (error) {
        const failure = (0,service_failure/* serviceFailure */.Kr)(error);
        const { code, message, status } = failure;
        if (status === undefined)
            throw error;
        if (!bound || !(0,service_failure/* refusesConditions */.Ky)(failure))
            return [{ key: target.key, code, message }];
        const { same, failures } = await unchanged(call, [target]);
        return same.length === 0 ? failures : deleteOne(call, target, false);
    }
}
const AT_ONCE = 64;
/** Does some work for each target; the first failure is thrown once nothing is under way any more. */
async function forEach(targets, work) {
    const next = targets.values();
    const worker = async () => {
        for (const target of next)
            await work(target);
    };
    const workers = Array.from({ length: Math.min(AT_ONCE, targets.length) }, worker);
    for (const end of await Promise.allSettled(workers))
        if (end.status === 'rejected')
            throw end.reason;
}
async function deleteAll(call, targets) {
    const plain = targets.filter(({ key }) => standsInXml(key));
    const odd = targets.filter(({ key }) => !standsInXml(key));
    const { failures, rest } = await deleteMany(call, plain).catch((error) => {
        // There are services that know no other deletes than single ones.
        if (call.pinned || !(0,service_failure/* refusesConditions */.Ky)((0,service_failure/* serviceFailure */.Kr)(error)))
            throw error;
        return { failures: [], rest: plain };
    });
    const open = new Set([...rest, ...odd]);
    try {
        // Only what the service says is gone counts; a second delete of the same object does no harm.
        await forEach([...open], async (target) => {
            failures.push(...(await deleteOne(call, target)));
            open.delete(target);
        });
    }
    catch (error) {
        const { code, message, status } = (0,service_failure/* serviceFailure */.Kr)(error);
        if (call.limits.signal.aborted || status !== undefined)
            throw error;
        // Of all the others it is known what became of them.
        for (const { key } of open)
            failures.push({ key, code, message, unheard: true });
    }
    return failures;
}
/** The targets that are as they were listed; one that is gone needs no delete, one that changed is told. */
async function unchanged({ client, bucket, limits: { signal, pace } }, targets) {
    const same = [];
    const failures = [];
    await forEach(targets, async (target) => {
        await pace();
        const input = { Bucket: bucket, Key: target.key };
        const found = await client
            .send(new dist_cjs/* HeadObjectCommand */.l81(input), { abortSignal: signal })
            .catch((error) => {
            if (!(0,service_failure/* isMissing */.b2)(error))
                throw error;
        });
        if (found && plainEtag(found.ETag) === target.etag)
            same.push(target);
        else if (found)
            failures.push({
                key: target.key,
                code: 'PreconditionFailed',
                message: 'The object changed after it was listed.',
            });
    });
    return { same, failures };
}
/** Without conditions the next best is to look at each object right before it is deleted. */
async function deleteSeen(call, targets) {
    const { same, failures } = await unchanged(call, targets);
    return [...failures, ...(await deleteAll(call, same))];
}
/** An ETag that no object has. */
const NOBODYS = '0'.repeat(32);
/**
 * Whether a service heeds conditions: those that ignore them answer as if they had. One object that is as it was
 * listed is to be deleted under an ETag that it has not; where it goes all the same, it is gone as it should be.
 */
async function tryConditions(call, targets) {
    const open = { heeds: 'not-known', rest: targets };
    const first = targets.find(({ key }) => standsInXml(key));
    let target;
    try {
        target = (await unchanged(call, first ? [first] : [])).same[0];
    }
    catch (error) {
        if ((0,service_failure/* serviceFailure */.Kr)(error).code !== 'AccessDenied')
            throw error;
        // Who may not look has nothing better than the conditions.
        return { heeds: 'yes', rest: targets };
    }
    if (!target)
        return open;
    const { failures, rest } = await deleteMany(call, [{ ...target, etag: NOBODYS }]);
    const [refusal] = failures;
    if (refusal?.code === 'PreconditionFailed')
        return { heeds: 'yes', rest: targets };
    if (refusal || rest.length > 0)
        return open;
    return { heeds: 'no', rest: targets.filter((one) => one !== target) };
}
/** The same of a service that may refuse conditions; one refusal may be that of a request which was damaged on its way. */
async function trialOf(call, targets) {
    for (let left = 2;; left--)
        try {
            return await tryConditions(call, targets);
        }
        catch (error) {
            if (!(0,service_failure/* refusesConditions */.Ky)((0,service_failure/* serviceFailure */.Kr)(error)))
                throw error;
            if (left === 1)
                return { heeds: 'no', rest: targets };
        }
}
/**
 * Deletes by DeleteObjects; each object only while it has its ETag. A service that does not know conditions on
 * deletes, or ignores them, is asked for the ETag right before.
 */
function deleter(client) {
    let heeds = 'not-known';
    return async (bucket, targets, limits) => {
        const call = { client, bucket, limits };
        let open = targets;
        if (heeds === 'not-known') {
            const trial = await trialOf({ ...call, pinned: true }, targets);
            heeds = trial.heeds;
            open = trial.rest;
        }
        return heeds === 'yes'
            ? deleteAll({ ...call, pinned: true }, open)
            : deleteSeen({ ...call, pinned: false }, open);
    };
}

;// CONCATENATED MODULE: ./build/adapters/first-keys.js



const broken = (why) => new service_error/* ServiceError */._('InternalError', `The service did not answer with a whole listing: ${why}.`);
function fewOf(body) {
    const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
    if (!text.includes('</ListBucketResult>'))
        throw broken('its root element is not closed');
    const encoded = (0,xml/* element */.ND)(text, 'EncodingType') === 'url';
    // Whoever sends more than was asked for has none to tell behind these.
    const [, ...contents] = text.split(/<Contents(?=[\s>])/, MOST_READ + 1);
    const keys = contents.map((content) => {
        const key = (0,xml/* plainText */.wh)((0,xml/* element */.ND)(content, 'Key') ?? '');
        return Buffer.from(encoded ? (0,xml/* fromUrlEncoded */.MR)(key) : key, 'latin1').toString();
    });
    const truncated = (0,xml/* element */.ND)(text, 'IsTruncated') === 'true';
    const next = (0,xml/* plainText */.wh)((0,xml/* element */.ND)(text, 'NextContinuationToken') ?? '');
    if (truncated && next === '')
        throw broken('more follows, but it does not say where');
    return { keys, next: truncated ? next : undefined };
}
/** As many as services send at most that do not heed what is asked for. */
const MOST_READ = 1000;
/** Enough to look at when one of them stands for all. */
const ENOUGH = 3;
/** Keys to ask for: the folder's own marker may come first. */
const ASKED_KEYS = ENOUGH + 1;
/**
 * The first keys of a listing that are not the prefix itself, three at most. A page may be empty though
 * more follows: only the last one tells that nothing is there.
 */
async function firstKeys(prefix, ask) {
    const watch = new page_watch/* PageWatch */.d();
    for (let token;;) {
        const { keys, next } = fewOf(await ask(token));
        const found = keys.filter((key) => key !== prefix).slice(0, ENOUGH);
        if (found.length > 0 || next === undefined)
            return found;
        const problem = watch.problemOf(next, 0);
        if (problem)
            throw broken(problem);
        token = next;
    }
}

// EXTERNAL MODULE: ./build/adapters/hearing.js
var hearing = __webpack_require__(6153);
// EXTERNAL MODULE: ./build/adapters/bounded.js
var bounded = __webpack_require__(8036);
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
        if (length + chunk.length > bounded/* MOST_PAGE_BYTES */.wV)
            throw (0,bounded/* tooLong */.Po)();
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

// EXTERNAL MODULE: ./build/adapters/error-answer.js
var error_answer = __webpack_require__(7802);
// EXTERNAL MODULE: ./build/errors/catalogue.js + 2 modules
var catalogue = __webpack_require__(4884);
// EXTERNAL MODULE: ./build/model/or-aborted.js
var or_aborted = __webpack_require__(2715);
// EXTERNAL MODULE: ./build/adapters/sigv4.js
var sigv4 = __webpack_require__(8382);
// EXTERNAL MODULE: ./build/adapters/wire.js
var wire = __webpack_require__(1640);
;// CONCATENATED MODULE: ./build/adapters/sender.js






/** Unsigned, as a proxy may change it; there are firewalls that let nothing pass which names no program. */
const PROGRAM = { 'user-agent': 's3-direct-sync' };
/** What an answer says is wrong; of a write S3 may find that out after it said 200. */
function failureOf({ status, body }, { method }) {
    const fine = status >= 200 && status < 300;
    if (fine && (method === 'GET' || !body.includes('<Error>')))
        return undefined;
    return (0,error_answer/* toldFailure */.Q)(fine ? 500 : status, body);
}
/** The bucket's own address, by the rules that the SDK's client follows. */
function addressBook({ client, address }) {
    const known = new Map();
    const { endpoint, region, variant } = address.service;
    const find = (bucket) => client.config.endpointProvider({
        Bucket: bucket,
        Region: region,
        ForcePathStyle: endpoint !== undefined,
        UseFIPS: variant.fips,
        UseDualStack: variant.dualstack,
        ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
    }).url;
    return (bucket) => {
        const base = known.get(bucket) ?? find(bucket);
        known.set(bucket, base);
        return base;
    };
}
/** Escapes a key, but not its slashes. */
const escapeKey = (key) => key.split('/').map(sigv4/* escapeUri */.o$).join('/');
/** A sender that signs where there are credentials. */
function sender(ground) {
    const { address, agents, serverTime } = ground;
    const sign = (0,sigv4/* createSigner */.rO)({ region: address.service.region, service: 's3' });
    const baseOf = addressBook(ground);
    return async (call, limit) => {
        const { method, on, query = '', headers = {}, body, mostBytes } = call;
        const base = baseOf(on.bucket);
        const path = `${base.pathname.replace(/\/$/, '')}/${escapeKey(on.key)}`;
        const payer = address.requestPayer ? { 'x-amz-request-payer': address.requestPayer } : {};
        const own = { ...headers, ...payer, host: base.host };
        const credentials = address.credentials && (await (0,or_aborted/* orAborted */.H)(limit.signal, address.credentials()));
        const nowMs = serverTime.timeMs() ?? Date.now();
        // Over TLS nothing can change bytes on their way, so that they need not be read twice.
        const unsigned = body && method === 'PUT' && base.protocol === 'https:';
        const payloadSha256 = unsigned ? 'UNSIGNED-PAYLOAD' : body ? (0,sigv4/* sha256 */.sc)(body) : sigv4/* EMPTY_SHA256 */._e;
        const signable = { method, path, query, headers: own, payloadSha256 };
        const signed = credentials ? sign(signable, credentials, nowMs) : {};
        const target = query === '' ? path : `${path}?${query}`;
        // Without one Node sends a PUT or POST chunked, which S3 answers with 501.
        const bodied = method === 'PUT' || method === 'POST';
        const length = bodied ? { 'content-length': String(body?.length ?? 0) } : {};
        const sent = { ...own, ...length, ...signed, ...PROGRAM };
        const answer = await (0,wire/* ask */.kA)({ base, method, target, headers: sent, body, mostBytes }, agents, limit);
        const failed = failureOf(answer, call);
        if (!failed)
            return answer;
        // A machine that slept has lost its time; every failure tells it anew.
        serverTime.saw(answer.headers.date);
        const { said, error } = failed;
        if (!credentials || !(0,catalogue/* hasExpired */.oN)(said, credentials.expiresAtMs, nowMs))
            throw error;
        address.onExpired(credentials);
        throw new service_error/* ServiceError */._('ExpiredToken', error.message, { status: error.status });
    };
}

;// CONCATENATED MODULE: ./build/adapters/objects.js









const objects_conditionOf = (only) => only === undefined
    ? {}
    : only === 'absent'
        ? { 'if-none-match': '*' }
        : { 'if-match': `"${only.etag}"` };
/** The header names bucket and key, a space as %20. */
const sourceHeaders = ({ bucket, key, etag }) => ({
    'x-amz-copy-source': `${bucket}/${escapeKey(key)}`,
    'x-amz-copy-source-if-match': `"${etag}"`,
});
const rangeOf = ({ first, last }) => `bytes=${first}-${last}`;
/** Without an ETag nothing is proven to be written: that is a failure of the service, whatever it says. */
function proven(etag) {
    if (etag !== '')
        return etag;
    throw new service_error/* ServiceError */._('InternalError', 'The service answered a write without an ETag.', {
        status: 500,
    });
}
const etagIn = ({ body }) => proven(plainEtag((0,error_answer/* textOf */.b)(body.toString('latin1'), 'ETag')));
const etagOn = ({ headers }) => proven(plainEtag(headers.etag));
function describedBy({ headers }) {
    const named = Object.entries(headers).flatMap(([name, value]) => typeof value === 'string' ? [[name, value]] : []);
    const whole = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? headers['content-length'];
    return {
        size: Number(whole ?? Number.NaN),
        etag: plainEtag(headers.etag),
        headers: Object.fromEntries(named),
    };
}
/** Ten tags of the longest kind have far less. */
const MOST_TAG_BYTES = 64 * 2 ** 10;
function foundIn({ headers }) {
    const modified = Date.parse(headers['last-modified'] ?? '');
    return {
        size: Number(headers['content-length'] ?? 0),
        etag: plainEtag(headers.etag),
        modified: new Date(modified || 0).toISOString(),
        restored: /ongoing-request="false"/.test(String(headers['x-amz-restore'] ?? '')),
        etagIsMd5: leavesMd5(headers['x-amz-server-side-encryption']?.toString(), headers['x-amz-server-side-encryption-customer-algorithm']?.toString()),
    };
}
const md5 = (bytes) => (0,external_node_crypto_.createHash)('md5').update(bytes).digest('base64');
function tagsIn({ body }) {
    const tags = [...(0,xml/* elements */.Yt)(body.toString('latin1'), 'Tag')];
    return tags
        .map((tag) => ['Key', 'Value'].map((name) => (0,sigv4/* escapeUri */.o$)((0,error_answer/* textOf */.b)(tag, name) ?? '')).join('='))
        .join('&');
}
function partQuery({ upload, number }) {
    return `partNumber=${number}&uploadId=${(0,sigv4/* escapeUri */.o$)(upload.uploadId)}`;
}
/** Of S3's elements, as both SDKs name it. */
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
function partList(etags) {
    const parts = etags.map((etag, at) => `<Part><ETag>"${etag}"</ETag><PartNumber>${at + 1}</PartNumber></Part>`);
    return Buffer.from(`<CompleteMultipartUpload xmlns="${NAMESPACE}">${parts.join('')}</CompleteMultipartUpload>`);
}
function uploadOf(to, { body }) {
    const uploadId = (0,error_answer/* textOf */.b)(body.toString('latin1'), 'UploadId');
    if (uploadId)
        return { ...to, uploadId };
    throw new service_error/* ServiceError */._('InternalError', 'The service began an upload without naming it.', {
        status: 500,
    });
}
const notGone = (error) => {
    if ((0,service_failure/* serviceFailure */.Kr)(error).code !== 'NoSuchUpload')
        throw error;
};
const bodyHeaders = (bytes) => ({ 'content-md5': md5(bytes) });
/** Writes of whole objects. */
const wholes = (send) => ({
    copy: async (from, { to, only, headers }, limit) => {
        const all = { ...headers, ...objects_conditionOf(only), ...sourceHeaders(from) };
        return etagIn(await send({ method: 'PUT', on: to, headers: all }, limit));
    },
    put: async ({ to, only, headers }, body, limit) => {
        const all = { ...headers, ...objects_conditionOf(only), ...bodyHeaders(body) };
        return etagOn(await send({ method: 'PUT', on: to, headers: all, body }, limit));
    },
});
/** Writes of objects in parts. */
const objects_uploads = (send) => ({
    startUpload: async ({ to, headers }, limit) => uploadOf(to, await send({ method: 'POST', on: to, query: 'uploads=', headers }, limit)),
    copyPart: async (part, { range, ...from }, limit) => {
        const headers = { ...sourceHeaders(from), 'x-amz-copy-source-range': rangeOf(range) };
        return etagIn(await send({ method: 'PUT', on: part.upload, query: partQuery(part), headers }, limit));
    },
    putPart: async (part, body, limit) => {
        const headers = bodyHeaders(body);
        return etagOn(await send({ method: 'PUT', on: part.upload, query: partQuery(part), headers, body }, limit));
    },
    completeUpload: async (upload, { etags, only }, limit) => {
        const query = `uploadId=${(0,sigv4/* escapeUri */.o$)(upload.uploadId)}`;
        const headers = { ...objects_conditionOf(only), 'content-type': 'application/xml' };
        const body = partList(etags);
        return etagIn(await send({ method: 'POST', on: upload, query, headers, body }, limit));
    },
    abortUpload: async (upload, limit) => {
        const query = `uploadId=${(0,sigv4/* escapeUri */.o$)(upload.uploadId)}`;
        await send({ method: 'DELETE', on: upload, query }, limit).catch(notGone);
    },
});
/** Some services do not heed `If-Match`: the answer must say itself that it is of the object that was asked for. */
function pinnedTo(etag, described) {
    if (described.etag === '' || described.etag === etag)
        return described;
    throw new service_error/* ServiceError */._('PreconditionFailed', 'The object has another ETag by now.', {
        status: 412,
    });
}
const otherBytes = () => new service_error/* ServiceError */._('InvalidRange', 'The service sends other bytes than were asked for.', {
    status: 416,
});
/** The bytes that were asked for, and no others. */
function inRange({ status, headers, body }, range) {
    const sent = headers['content-range'] ?? '';
    const wanted = range && `bytes ${range.first}-${range.last}/`;
    if (wanted ? status === 206 && sent.startsWith(wanted) : status === 200)
        return body;
    throw otherBytes();
}
/** More bytes than were asked for are other ones. */
function notMore(error) {
    throw (0,service_failure/* serviceFailure */.Kr)(error).code === 'AnswerTooLong' ? otherBytes() : error;
}
const reads = (send) => ({
    find: async (on, limit) => {
        try {
            return foundIn(await send({ method: 'HEAD', on }, limit));
        }
        catch (error) {
            if ((0,service_failure/* isMissing */.b2)(error))
                return undefined;
            throw error;
        }
    },
    list: async ({ bucket, key }, limit, read) => {
        const query = `encoding-type=url&list-type=2&prefix=${(0,sigv4/* escapeUri */.o$)(key)}`;
        const on = { bucket, key: '' };
        const answer = await send({ method: 'GET', on, query, mostBytes: bounded/* MOST_PAGE_BYTES */.wV }, limit);
        return read(answer.body);
    },
    describe: async ({ etag, ...on }, limit, what) => {
        const headers = { 'if-match': `"${etag}"` };
        const query = what === 'first-part' ? 'partNumber=1' : '';
        const answer = await send({ method: 'HEAD', on, headers, query }, limit);
        return pinnedTo(etag, describedBy(answer));
    },
    tags: async (on, limit) => tagsIn(await send({ method: 'GET', on, query: 'tagging=', mostBytes: MOST_TAG_BYTES }, limit)),
    read: async ({ etag, ...on }, { bytes, range }, limit) => {
        const headers = { 'if-match': `"${etag}"`, ...(range ? { range: rangeOf(range) } : {}) };
        const call = { method: 'GET', on, headers, mostBytes: bytes };
        const answer = await send(call, limit).catch(notMore);
        return { ...pinnedTo(etag, describedBy(answer)), bytes: inRange(answer, range) };
    },
});
/** Objects of a service, by our own requests: they cost a tenth of the SDK's. */
const s3Objects = (send) => ({
    ...wholes(send),
    ...objects_uploads(send),
    ...reads(send),
});

// EXTERNAL MODULE: ./build/adapters/sdk-credentials.js
var sdk_credentials = __webpack_require__(1414);
// EXTERNAL MODULE: ./build/adapters/sdk-handler.js
var sdk_handler = __webpack_require__(7700);
// EXTERNAL MODULE: ./build/adapters/sdk-service.js
var sdk_service = __webpack_require__(7127);
;// CONCATENATED MODULE: ./build/adapters/store.js















/** The SDK looks for credentials even where its requests are not signed. */
const UNSIGNED = {
    credentials: { accessKeyId: 'unsigned', secretAccessKey: 'unsigned' },
    signer: { sign: async (request) => request },
};
/** Says in every request who pays for it. */
function addPayer(client, payer) {
    client.middlewareStack.add((next) => (args) => {
        const { headers } = args.request;
        headers['x-amz-request-payer'] = payer;
        return next(args);
    }, { step: 'build', name: 'requestPayer' });
}
function clientFor(address, agents) {
    const client = new dist_cjs/* S3Client */.YxF({
        ...(0,sdk_service/* sdkService */.g)(address.service),
        // Compatible services are addressed by path, and do not all know the newer checksum headers.
        ...(address.service.endpoint
            ? {
                forcePathStyle: true,
                requestChecksumCalculation: 'WHEN_REQUIRED',
                responseChecksumValidation: 'WHEN_REQUIRED',
            }
            : {}),
        ...(address.credentials ? { credentials: (0,sdk_credentials/* toSdk */.i)(address.credentials) } : UNSIGNED),
        maxAttempts: address.maxAttempts,
        followRegionRedirects: true,
        requestHandler: new sdk_handler/* SdkHandler */.n({
            agents,
            timeoutMs: address.timeoutMs,
            // The taps below take listings past the SDK.
            passes: (query) => query['list-type'] === '2',
        }),
    });
    if (address.requestPayer)
        addPayer(client, address.requestPayer);
    if (address.service.endpoint)
        sendMd5OfDeletes(client);
    return (0,hearing/* hearing */.v)(client);
}
/** Follows the service's clock by the Date of its answers. */
function serverClock(client) {
    let seen;
    const saw = (text = '') => {
        const date = Date.parse(text);
        if (!Number.isNaN(date))
            seen = { serverMs: date, atMs: performance.now() };
    };
    client.middlewareStack.add((next) => async (args) => {
        const result = await next(args);
        saw(result.response?.headers?.['date']);
        return result;
    }, { step: 'deserialize', priority: 'low', name: 'serverClock' });
    return { saw, timeMs: () => seen && seen.serverMs + Math.floor(performance.now() - seen.atMs) };
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
async function head(client, object, signal) {
    try {
        const options = signal ? { abortSignal: signal } : {};
        const found = await client.send(new dist_cjs/* HeadObjectCommand */.l81(object), options);
        return {
            size: found.ContentLength ?? 0,
            etag: plainEtag(found.ETag),
            restored: /ongoing-request="false"/.test(found.Restore ?? ''),
            kmsKey: found.SSEKMSKeyId,
            etagIsMd5: leavesMd5(found.ServerSideEncryption, found.SSECustomerAlgorithm),
            modified: (found.LastModified ?? new Date(0)).toISOString(),
        };
    }
    catch (error) {
        if ((0,service_failure/* isMissing */.b2)(error))
            return undefined;
        throw error;
    }
}
const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];
/** Checksums of the whole object: those of its parts' checksums end with the number of parts. */
async function checksums(client, object, signal) {
    try {
        const asked = new dist_cjs/* HeadObjectCommand */.l81({ ...object, ChecksumMode: 'ENABLED' });
        const found = await client.send(asked, signal ? { abortSignal: signal } : {});
        const values = ALGORITHMS.flatMap((name) => {
            const value = found[`Checksum${name}`];
            return value && found.ChecksumType !== 'COMPOSITE' && !/-\d+$/.test(value)
                ? [[name, value]]
                : [];
        });
        return { etag: plainEtag(found.ETag), values: new Map(values) };
    }
    catch (error) {
        if ((0,service_failure/* isMissing */.b2)(error))
            return undefined;
        throw error;
    }
}
/** S3 through the AWS SDK. */
function s3Store(address) {
    const agents = (0,adapters_agents/* agentsFor */.m)({ maxSockets: address.maxSockets });
    const client = clientFor(address, agents);
    const serverTime = serverClock(client);
    const pageOf = tapListings(client);
    return {
        findBucket: (bucket) => findBucket(client, bucket),
        bucketEncryption: (bucket) => bucketEncryption(client, bucket),
        isVersioned: (bucket) => isVersioned(client, bucket),
        uploads: (place, signal) => uploads(client, place, signal),
        firstKeys: (bucket, prefix) => firstKeys(prefix, async (token) => {
            const few = { ...listInput({ bucket, prefix, token }, false), MaxKeys: ASKED_KEYS };
            const page = pageOf(await client.send(new dist_cjs/* ListObjectsV2Command */.u6x(few)));
            return page?.read((body) => Uint8Array.from(body)) ?? new Uint8Array();
        }),
        listPage: async (query, read) => {
            const options = query.signal ? { abortSignal: query.signal } : {};
            const output = await client.send(new dist_cjs/* ListObjectsV2Command */.u6x(listInput(query, address.service.endpoint === undefined)), options);
            const page = pageOf(output);
            return {
                value: page ? page.read(read) : read(new Uint8Array()),
                attempts: output.$metadata.attempts ?? 1,
            };
        },
        head: (bucket, key, signal) => head(client, { Bucket: bucket, Key: key }, signal),
        checksums: (bucket, key, signal) => checksums(client, { Bucket: bucket, Key: key }, signal),
        objects: s3Objects(sender({ client, address, agents, serverTime })),
        deleteObjects: deleter(client),
        serverTimeMs: serverTime.timeMs,
        close: () => client.destroy(),
    };
}


/***/ })

};
