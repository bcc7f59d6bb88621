export const id = 501;
export const ids = [501];
export const modules = {

/***/ 2501:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   cloudWatch: () => (/* binding */ cloudWatch)
/* harmony export */ });
/* harmony import */ var _aws_sdk_client_cloudwatch__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4085);
/* harmony import */ var _agents_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9297);
/* harmony import */ var _deadline_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(8881);
/* harmony import */ var _hearing_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6153);
/* harmony import */ var _sdk_credentials_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1414);
/* harmony import */ var _sdk_handler_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7700);
/* harmony import */ var _sdk_service_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7127);







const ATTEMPTS = 3;
const putCommand = ({ namespace, dimensions, metrics }) => {
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    return new _aws_sdk_client_cloudwatch__WEBPACK_IMPORTED_MODULE_2__/* .PutMetricDataCommand */ .zmv({
        Namespace: namespace,
        MetricData: metrics.map(({ name, value, unit }) => ({
            MetricName: name,
            Value: value,
            Unit: unit,
            Dimensions,
        })),
    });
};
/** CloudWatch through the AWS SDK. */
function cloudWatch({ service, credentials }) {
    const agents = (0,_agents_js__WEBPACK_IMPORTED_MODULE_0__/* .agentsFor */ .m)({ maxSockets: 1 });
    const client = (timeoutMs) => (0,_hearing_js__WEBPACK_IMPORTED_MODULE_3__/* .hearing */ .v)(new _aws_sdk_client_cloudwatch__WEBPACK_IMPORTED_MODULE_2__/* .CloudWatchClient */ .WBn({
        ...(0,_sdk_service_js__WEBPACK_IMPORTED_MODULE_4__/* .sdkService */ .g)(service),
        credentials: (0,_sdk_credentials_js__WEBPACK_IMPORTED_MODULE_5__/* .toSdk */ .i)(credentials),
        maxAttempts: ATTEMPTS,
        requestHandler: new _sdk_handler_js__WEBPACK_IMPORTED_MODULE_1__/* .SdkHandler */ .n({ agents, timeoutMs }),
    }));
    return {
        put: async (data, limit) => {
            await client(limit.timeoutMs).send(putCommand(data), { abortSignal: (0,_deadline_js__WEBPACK_IMPORTED_MODULE_6__/* .deadline */ .n)(limit) });
        },
    };
}


/***/ }),

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


/***/ })

};
