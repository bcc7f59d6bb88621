import { adoptPlanFile } from "./compare.js";

export { adoptPlanFile };