import { headersOf, judgedExtras, makePlanFile, nothingListed, totalsOf, unnameableOf } from "./compare.js";

export { makePlanFile };