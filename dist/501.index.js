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
/* harmony import */ var _bounded_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8036);
/* harmony import */ var _deadline_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8881);
/* harmony import */ var _sdk_credentials_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1414);
/* harmony import */ var _sdk_service_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7127);






const CONNECT_MS = 10_000;
const ATTEMPTS = 3;
/** Rejects when the signal is aborted, with its reason. */
function aborted(signal) {
    const { promise, reject } = Promise.withResolvers();
    if (signal.aborted)
        reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    return promise;
}
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
    const bare = new _aws_sdk_client_cloudwatch__WEBPACK_IMPORTED_MODULE_2__/* .CloudWatchClient */ .WBn({
        ...(0,_sdk_service_js__WEBPACK_IMPORTED_MODULE_3__/* .sdkService */ .g)(service),
        credentials: (0,_sdk_credentials_js__WEBPACK_IMPORTED_MODULE_4__/* .toSdk */ .i)(credentials),
        maxAttempts: ATTEMPTS,
        requestHandler: {
            connectionTimeout: CONNECT_MS,
            httpAgent: agents.http,
            httpsAgent: agents.https,
        },
    });
    const client = (0,_bounded_js__WEBPACK_IMPORTED_MODULE_1__/* .boundAnswers */ .Gv)(bare, _bounded_js__WEBPACK_IMPORTED_MODULE_1__/* .MOST_ANSWER_BYTES */ .rp);
    return {
        put: async (data, limit) => {
            const abortSignal = (0,_deadline_js__WEBPACK_IMPORTED_MODULE_5__/* .deadline */ .n)(limit);
            // The SDK heeds the signal only once it has its credentials.
            await Promise.race([aborted(abortSignal), client.send(putCommand(data), { abortSignal })]);
        },
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
