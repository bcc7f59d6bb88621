export const id = 51;
export const ids = [51];
export const modules = {

/***/ 2051:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   stsIdentity: () => (/* binding */ stsIdentity)
/* harmony export */ });
/* harmony import */ var _aws_sdk_client_sts__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1695);
/* harmony import */ var _agents_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9297);
/* harmony import */ var _sdk_credentials_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1414);



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
/** STS through the AWS SDK; one attempt a call, since every attempt takes a fresh token. */
function stsIdentity(address) {
    const agents = (0,_agents_js__WEBPACK_IMPORTED_MODULE_0__/* .agentsFor */ .m)({ maxSockets: SOCKETS });
    const client = (config = {}) => new _aws_sdk_client_sts__WEBPACK_IMPORTED_MODULE_1__/* .STSClient */ .iM({
        region: address.region,
        ...(address.endpoint ? { endpoint: address.endpoint } : {}),
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
    const as = (credentials) => client({ credentials: (0,_sdk_credentials_js__WEBPACK_IMPORTED_MODULE_2__/* .toSdk */ .i)(credentials) });
    return {
        assumeRoleWithWebIdentity: async (role, token) => {
            const input = { ...roleInput(role), WebIdentityToken: token };
            const answer = await client().send(new _aws_sdk_client_sts__WEBPACK_IMPORTED_MODULE_1__/* .AssumeRoleWithWebIdentityCommand */ .WH(input));
            return credentialsOf(answer.Credentials);
        },
        assumeRole: async (role, base) => {
            const input = { ...roleInput(role), ExternalId: role.externalId };
            const answer = await as(base).send(new _aws_sdk_client_sts__WEBPACK_IMPORTED_MODULE_1__/* .AssumeRoleCommand */ .QL(input));
            return credentialsOf(answer.Credentials);
        },
        callerIdentity: async (credentials) => {
            const { Account = '', Arn = '' } = await as(credentials).send(new _aws_sdk_client_sts__WEBPACK_IMPORTED_MODULE_1__/* .GetCallerIdentityCommand */ .zI({}));
            return { account: Account, arn: Arn };
        },
        // A client without credentials finds them where the SDK always looks, STS and SSO by the same agents.
        discover: (profile) => (0,_sdk_credentials_js__WEBPACK_IMPORTED_MODULE_2__/* .fromSdk */ .z)(client(profile ? { profile } : {}).config.credentials),
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


/***/ })

};
