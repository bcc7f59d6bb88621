import { adoptPlanFile } from "./approved.js";

export { adoptPlanFile };