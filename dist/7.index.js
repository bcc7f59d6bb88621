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
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _smithy_core_config__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7291);



function named(variable, name) {
    const home = (0,_smithy_core_config__WEBPACK_IMPORTED_MODULE_2__.getHomeDir)();
    const given = process.env[variable];
    if (!given)
        return { path: node_path__WEBPACK_IMPORTED_MODULE_1__.join(home, '.aws', name), asked: false };
    return { path: given.startsWith('~/') ? node_path__WEBPACK_IMPORTED_MODULE_1__.join(home, given.slice(2)) : given, asked: true };
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
/** Why a file cannot be used; one that is not there is as good as an empty one. */
async function problemOf({ path: file, asked }) {
    try {
        const line = malformedLine(await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(file, 'utf8'));
        return line === 0 ? undefined : `line ${line} is neither a [section] nor name = value`;
    }
    catch (error) {
        const { code = '', message } = error;
        // Nobody asked for the home of somebody else, where a runner is not let in.
        const absent = asked ? ['ENOENT', 'ENOTDIR'] : ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'];
        return absent.includes(code) ? undefined : message;
    }
}
/** Both files as the SDK reads them; what is wrong with one stands beside it. */
async function readAwsConfig() {
    const config = named('AWS_CONFIG_FILE', 'config');
    const credentials = named('AWS_SHARED_CREDENTIALS_FILE', 'credentials');
    const { configFile, credentialsFile } = await (0,_smithy_core_config__WEBPACK_IMPORTED_MODULE_2__.loadSharedConfigFiles)({
        configFilepath: config.path,
        filepath: credentials.path,
        ignoreCache: true,
    });
    const file = async (at, sections) => ({
        path: at.path,
        sections,
        problem: await problemOf(at),
    });
    return {
        config: await file(config, configFile),
        credentials: await file(credentials, credentialsFile),
    };
}


/***/ })

};
