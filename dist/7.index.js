export const id = 7;
export const ids = [7];
export const modules = {

/***/ 7007:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   readAwsConfig: () => (/* binding */ readAwsConfig)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8161);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _smithy_core_config__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7291);
/* harmony import */ var _regular_file_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9824);





function named(variable, name) {
    const home = (0,_smithy_core_config__WEBPACK_IMPORTED_MODULE_4__.getHomeDir)();
    const given = process.env[variable];
    if (!given)
        return { path: node_path__WEBPACK_IMPORTED_MODULE_2__.join(home, '.aws', name), asked: false };
    return { path: given.startsWith('~/') ? node_path__WEBPACK_IMPORTED_MODULE_2__.join(home, given.slice(2)) : given, asked: true };
}
/** Number of the first line that says nothing, as every line is read over in silence that the SDK cannot read. */
function malformedLine(text) {
    let inSection = false;
    const at = text.split(/\r?\n/).findIndex((line) => {
        const said = line.split(/(^|\s)[;#]/)[0]?.trim() ?? '';
        if (said === '')
            return false;
        if (said.startsWith('[')) {
            inSection = true;
            return !said.endsWith(']');
        }
        return !inSection || (!/^\s/.test(line) && said.indexOf('=') < 1);
    });
    return at + 1;
}
// Thousands of profiles have less.
const MOST_BYTES = 4 * 2 ** 20;
/** Many say by this file that there is none. */
const textOf = async (file) => (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.realpath)(file)) === node_os__WEBPACK_IMPORTED_MODULE_1__.devNull ? '' : (0,_regular_file_js__WEBPACK_IMPORTED_MODULE_3__/* .readText */ .y)(file, MOST_BYTES);
/** Why a file cannot be used; one that is not there is as good as an empty one. */
async function problemOf({ path: file, asked }) {
    try {
        const line = malformedLine(await textOf(file));
        return line === 0 ? undefined : `line ${line} is neither a [section] nor name = value`;
    }
    catch (error) {
        const { code = '', message } = error;
        // Nobody asked for the home of somebody else, where a runner is not let in.
        const absent = asked ? ['ENOENT', 'ENOTDIR'] : ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'];
        return absent.includes(code) ? undefined : message;
    }
}
/** Both files as the SDK reads them; what is wrong with one stands beside it, and keeps the SDK from it. */
async function readAwsConfig() {
    const config = named('AWS_CONFIG_FILE', 'config');
    const credentials = named('AWS_SHARED_CREDENTIALS_FILE', 'credentials');
    const problems = { config: await problemOf(config), credentials: await problemOf(credentials) };
    const { configFile, credentialsFile } = await (0,_smithy_core_config__WEBPACK_IMPORTED_MODULE_4__.loadSharedConfigFiles)({
        // It would wait for a pipe for ever, and neither a cancel nor an exit ends that.
        configFilepath: problems.config === undefined ? config.path : node_os__WEBPACK_IMPORTED_MODULE_1__.devNull,
        filepath: problems.credentials === undefined ? credentials.path : node_os__WEBPACK_IMPORTED_MODULE_1__.devNull,
        ignoreCache: true,
    });
    const file = (at, sections, problem) => ({
        path: at.path,
        sections,
        problem,
    });
    return {
        config: file(config, configFile, problems.config),
        credentials: file(credentials, credentialsFile, problems.credentials),
    };
}


/***/ })

};
