export { SecondStepPage } from "./SecondStepPage";
