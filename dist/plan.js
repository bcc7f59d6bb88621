import { headersOf, makePlanFile, nothingListed, totalsOf, unnameableOf } from "./compare.js";

export { makePlanFile };