export { OwedSecondFactor } from "./OwedSecondFactor";
