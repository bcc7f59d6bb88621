export const id = 299;
export const ids = [299];
export const modules = {

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
// EXTERNAL MODULE: ./build/adapters/bounded.js
var bounded = __webpack_require__(8036);
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
// EXTERNAL MODULE: ./build/adapters/deadline.js
var deadline = __webpack_require__(8881);
// EXTERNAL MODULE: ./build/adapters/sdk-credentials.js
var sdk_credentials = __webpack_require__(1414);
;// CONCATENATED MODULE: ./build/adapters/discovery.js







const CONTAINER = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];
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
            look: (0,credential_provider_web_identity_dist_cjs.fromTokenFile)(rules),
        },
        inContainer
            ? { name: 'container role', look: () => (0,credential_provider_http_dist_cjs.fromHttp)()() }
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
    return `${code}${error.message.replace(/\s+/g, ' ')}`;
}
/** The SDK waits for ever for a credential_process, as for one that asks somebody for a password. */
function within(timeoutMs, work) {
    const late = (0,deadline/* deadline */.n)({ timeoutMs });
    const { promise, reject } = Promise.withResolvers();
    late.addEventListener('abort', () => reject(late.reason));
    return Promise.race([work, promise]);
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
                return await within(rules.timeoutMs, (0,sdk_credentials/* fromSdk */.z)(look)());
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

// EXTERNAL MODULE: ./build/adapters/sdk-service.js
var sdk_service = __webpack_require__(7127);
;// CONCATENATED MODULE: ./build/adapters/identity.js






const CONNECT_MS = 10_000;
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
function askingRules(client, { service, timeoutMs }) {
    const { requestHandler } = client().config;
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
    const client = (config = {}) => {
        const sts = new dist_cjs/* STSClient */.iM({
            ...(0,sdk_service/* sdkService */.g)(address.service),
            maxAttempts: 1,
            requestHandler: {
                connectionTimeout: CONNECT_MS,
                requestTimeout: address.timeoutMs,
                // The limit above ends with the head of an answer; a body that stops coming is ended by this one.
                socketTimeout: address.timeoutMs,
                throwOnRequestTimeout: true,
                httpAgent: agents.http,
                httpsAgent: agents.https,
            },
            ...config,
        });
        return (0,bounded/* boundAnswers */.Gv)(sts, bounded/* MOST_ANSWER_BYTES */.rp);
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
        discover: (profile) => discovery(profile, askingRules(client, address)),
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


/***/ })

};
