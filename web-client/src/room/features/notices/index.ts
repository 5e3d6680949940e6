export { LiveRegions } from "./LiveRegions";
export { Toasts } from "./Toasts";
