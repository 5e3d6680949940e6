export { FirstDayPage } from "./FirstDayPage";
