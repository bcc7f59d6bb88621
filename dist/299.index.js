export const id = 299;
export const ids = [299];
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

/***/ 1299:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  stsIdentity: () => (/* binding */ stsIdentity)
});

// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-sts/dist-cjs/index.js
var dist_cjs = __webpack_require__(1695);
// EXTERNAL MODULE: ./build/adapters/agents.js + 1 modules
var adapters_agents = __webpack_require__(9297);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/credential-provider-env/dist-cjs/index.js
var credential_provider_env_dist_cjs = __webpack_require__(5606);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/credential-provider-http/dist-cjs/index.js
var credential_provider_http_dist_cjs = __webpack_require__(8605);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/credential-provider-ini/dist-cjs/index.js
var credential_provider_ini_dist_cjs = __webpack_require__(5869);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/credential-provider-web-identity/dist-cjs/index.js
var credential_provider_web_identity_dist_cjs = __webpack_require__(9956);
// EXTERNAL MODULE: ./node_modules/@smithy/credential-provider-imds/dist-cjs/index.js
var credential_provider_imds_dist_cjs = __webpack_require__(566);
// EXTERNAL MODULE: ./build/errors/service-error.js
var service_error = __webpack_require__(2470);
// EXTERNAL MODULE: ./build/model/or-aborted.js
var or_aborted = __webpack_require__(2715);
// EXTERNAL MODULE: ./build/adapters/deadline.js
var deadline = __webpack_require__(8881);
// EXTERNAL MODULE: ./build/adapters/regular-file.js
var regular_file = __webpack_require__(9824);
// EXTERNAL MODULE: ./build/adapters/sdk-credentials.js
var sdk_credentials = __webpack_require__(1414);
;// CONCATENATED MODULE: ./build/adapters/discovery.js










const CONTAINER = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];
/** Of a token: it has one or two kilobytes. */
const MOST_TOKEN_BYTES = 64 * 1024;
/** The SDK reads a file of a token to its end, and of a pipe there may be none: then nothing else is done, no cancel heard. */
const withToken = (variable, look) => async () => {
    const file = process.env[variable];
    if (file)
        await (0,regular_file/* readText */.y)(file, MOST_TOKEN_BYTES).catch((error) => {
            // The SDK says so itself, where it needs the file.
            if (error.code !== 'ENOENT')
                throw error;
        });
    return look();
};
/** Other machines than those of EC2 have metadata of their own at the same address, or nobody who answers. */
function whyNoInstance(env) {
    if (env['RUNNER_ENVIRONMENT'] === 'github-hosted')
        return 'GitHub-hosted runners have none';
    const disabled = env['AWS_EC2_METADATA_DISABLED'];
    return disabled && disabled !== 'false' ? 'AWS_EC2_METADATA_DISABLED is set' : undefined;
}
/** A profile that was named is the only place: nobody wants the keys of somebody else for a misspelt name. */
function places(profile, rules) {
    const { env } = process;
    const ini = (name) => ({
        name: `profile "${name}"`,
        look: (0,credential_provider_ini_dist_cjs.fromIni)({
            ...rules,
            profile: name,
            parentClientConfig: { ...rules.parentClientConfig, profile: name },
        }),
    });
    if (profile)
        return [ini(profile)];
    const inContainer = CONTAINER.some((name) => env[name]);
    return [
        { name: 'environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)', look: (0,credential_provider_env_dist_cjs.fromEnv)() },
        ini('default'),
        {
            name: 'token file (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)',
            look: withToken('AWS_WEB_IDENTITY_TOKEN_FILE', (0,credential_provider_web_identity_dist_cjs.fromTokenFile)(rules)),
        },
        inContainer
            ? {
                name: 'container role',
                look: withToken('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', () => (0,credential_provider_http_dist_cjs.fromHttp)()()),
            }
            : {
                name: 'container role (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI)',
                look: 'not set',
            },
        {
            name: 'instance role',
            look: inContainer
                ? 'not asked in a container'
                : (whyNoInstance(env) ?? (0,credential_provider_imds_dist_cjs.fromInstanceMetadata)()),
        },
    ];
}
/** Why a place gave nothing, without what a process or a service printed: that may hold secrets. */
function reasonOf(error) {
    if (!(error instanceof Error))
        return 'unknown';
    if (error instanceof SyntaxError)
        return 'the answer is not JSON';
    if (error.message.startsWith('Command failed'))
        return 'credential_process ended with an error (its output is not shown: it may hold secrets)';
    const code = /^(Error|.*Provider\w*Error)$/.test(error.name) ? '' : `${error.name}: `;
    return `${code}${(0,service_error/* shortened */.v)(error.message).replace(/\s+/g, ' ')}`;
}
const goesOn = (error) => error instanceof Error && 'tryNextLink' in error && error.tryNextLink === true;
/**
 * Credentials from the profile, or from the first place that has some, in the SDK's order: environment, default
 * profile, token file, container, instance. Nothing is kept: every call looks anew. Throws an error with a line for
 * every place that was looked at.
 */
function discovery(profile, rules) {
    return async () => {
        const reasons = [];
        for (const { name, look } of places(profile, rules)) {
            if (typeof look === 'string') {
                reasons.push(`${name}: ${look}`);
                continue;
            }
            try {
                // The SDK waits for ever for a credential_process, as for one that asks somebody for a password.
                return await (0,or_aborted/* orAborted */.H)((0,deadline/* deadline */.n)(rules), (0,sdk_credentials/* fromSdk */.z)(look)());
            }
            catch (error) {
                reasons.push(`${name}: ${reasonOf(error)}`);
                if (!goesOn(error))
                    break;
            }
        }
        throw new Error(reasons.join('\n'));
    };
}

// EXTERNAL MODULE: ./build/adapters/sdk-handler.js
var sdk_handler = __webpack_require__(7700);
// EXTERNAL MODULE: ./build/adapters/sdk-service.js
var sdk_service = __webpack_require__(7127);
;// CONCATENATED MODULE: ./build/adapters/identity.js






/** Credentials are asked for one after the other. */
const SOCKETS = 4;
function credentialsOf(given) {
    if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken)
        throw new Error('STS answered without credentials.');
    return {
        accessKeyId: given.AccessKeyId,
        secretAccessKey: given.SecretAccessKey,
        sessionToken: given.SessionToken,
        expiresAtMs: given.Expiration?.getTime(),
    };
}
const roleInput = (role) => ({
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName,
    DurationSeconds: role.durationSeconds,
    Policy: role.policy,
    PolicyArns: role.policyArns?.map((arn) => ({ arn })),
});
/** Profiles ask the same STS as everybody else, and SSO by the same agents: only AWS has it, where the SDK finds it. */
function askingRules(client, { service, timeoutMs }, requestHandler) {
    const { fips: useFipsEndpoint, dualstack: useDualstackEndpoint } = service.variant;
    const given = (answer) => (0,sdk_credentials/* toSdk */.i)(async () => credentialsOf(answer.Credentials))();
    return {
        clientConfig: { requestHandler, useFipsEndpoint, useDualstackEndpoint },
        parentClientConfig: { region: service.region },
        timeoutMs,
        roleAssumer: async (credentials, params) => given(await client({ credentials }).send(new dist_cjs/* AssumeRoleCommand */.QL(params))),
        roleAssumerWithWebIdentity: async (params) => given(await client().send(new dist_cjs/* AssumeRoleWithWebIdentityCommand */.WH(params))),
    };
}
/** STS through the AWS SDK; one attempt a call, since every attempt takes a fresh token. */
function stsIdentity(address) {
    const agents = (0,adapters_agents/* agentsFor */.m)({ maxSockets: SOCKETS });
    const requestHandler = new sdk_handler/* SdkHandler */.n({ agents, timeoutMs: address.timeoutMs });
    const client = (config = {}) => {
        return new dist_cjs/* STSClient */.iM({
            ...(0,sdk_service/* sdkService */.g)(address.service),
            maxAttempts: 1,
            requestHandler,
            ...config,
        });
    };
    const as = (credentials) => client({ credentials: (0,sdk_credentials/* toSdk */.i)(credentials) });
    return {
        assumeRoleWithWebIdentity: async (role, token) => {
            const input = { ...roleInput(role), WebIdentityToken: token };
            const answer = await client().send(new dist_cjs/* AssumeRoleWithWebIdentityCommand */.WH(input));
            return credentialsOf(answer.Credentials);
        },
        assumeRole: async (role, base) => {
            const input = { ...roleInput(role), ExternalId: role.externalId };
            const answer = await as(base).send(new dist_cjs/* AssumeRoleCommand */.QL(input));
            return credentialsOf(answer.Credentials);
        },
        callerIdentity: async (credentials) => {
            const { Account = '', Arn = '' } = await as(credentials).send(new dist_cjs/* GetCallerIdentityCommand */.zI({}));
            return { account: Account, arn: Arn };
        },
        discover: (profile) => discovery(profile, askingRules(client, address, requestHandler)),
    };
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
