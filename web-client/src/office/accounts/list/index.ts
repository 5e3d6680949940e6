export { Accounts } from "./Accounts";
