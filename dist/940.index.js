export const id = 940;
export const ids = [940];
export const modules = {

/***/ 6940:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   readConfig: () => (/* binding */ readConfig)
/* harmony export */ });
/* harmony import */ var yaml__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8815);
/* harmony import */ var _schema_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8313);


/** Names that say what an input is for, and the input. */
const OTHER_NAMES = new Map([
    ['enable-monitoring', 'cloudwatch-metrics'],
]);
/** The input that a name of a preset means: `part_size` is `part-size`. */
function inputNamed(name) {
    const dashed = name.replaceAll('_', '-');
    const input = OTHER_NAMES.get(dashed) ?? dashed;
    return Object.hasOwn(_schema_js__WEBPACK_IMPORTED_MODULE_1__/* .INPUTS */ .mc, input) ? input : undefined;
}
/** The text of a scalar: without a schema, all are text. */
const textOf = (node) => (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isScalar */ .jn)(node) && node.value !== '' ? node.value : undefined;
/** The text of a value; a list is one value a line. */
function valueText(node) {
    if (!(0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isSeq */ .oP)(node))
        return textOf(node);
    const lines = node.items.map(textOf);
    return lines.length > 0 && lines.every((line) => line !== undefined)
        ? lines.join('\n')
        : undefined;
}
/** What each alias stands for: found in one walk, where the library would take one for each alias. */
function targetsIn(document) {
    const anchors = new Map();
    const targets = new Map();
    (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .visit */ .YR)(document, {
        Alias: (_key, alias) => void targets.set(alias, anchors.get(alias.source)),
        Value: (_key, node) => void (node.anchor && anchors.set(node.anchor, node)),
    });
    return targets;
}
/** Reads presets from YAML: a mapping of names to mappings of inputs. Every value is text, as inputs are. */
function readConfig(text, file) {
    const lineCounter = new yaml__WEBPACK_IMPORTED_MODULE_0__/* .LineCounter */ .HN();
    const document = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .parseDocument */ .Tp)(text, { schema: 'failsafe', lineCounter, prettyErrors: false });
    const where = (offset) => `${file}, line ${lineCounter.linePos(offset).line}`;
    const lineOf = (node) => where(node.range[0]);
    const targets = targetsIn(document);
    const resolved = (node) => ((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isAlias */ .Vj)(node) ? targets.get(node) : node);
    const problems = document.errors.map(({ message, pos }) => `${where(pos[0])}: ${message}`);
    function presetOf(mapping) {
        const preset = new Map();
        for (const { key, value } of mapping.items) {
            const name = textOf(key) ?? '';
            const input = inputNamed(name);
            const given = valueText(resolved(value));
            if (!input)
                problems.push(`${lineOf(key)}: ${JSON.stringify(name)} is no input that a preset can set`);
            else if (_schema_js__WEBPACK_IMPORTED_MODULE_1__/* .INPUTS */ .mc[input].preset === 'no')
                problems.push(`${lineOf(key)}: ${name} cannot be set by a preset: set it in the workflow`);
            else if (given === undefined)
                problems.push(`${lineOf(key)}: ${name} has no value`);
            else
                preset.set(input, { text: given, where: lineOf(key) });
        }
        return preset;
    }
    const presets = new Map();
    const { contents } = document;
    if (problems.length > 0)
        return { presets, problems };
    if (!(0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isMap */ .jh)(contents))
        return { presets, problems: [`${where(0)}: expected presets by name`] };
    for (const { key, value } of contents.items) {
        const name = textOf(key);
        const mapping = resolved(value);
        if (name === undefined)
            problems.push(`${lineOf(key)}: expected the name of a preset`);
        else if ((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isMap */ .jh)(mapping))
            presets.set(name, presetOf(mapping));
        else
            problems.push(`${lineOf(key)}: expected inputs and their values`);
    }
    return { presets, problems };
}


/***/ })

};
