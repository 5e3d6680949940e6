export { isCutOff, MediaBanner, Reconnecting } from "./Reconnecting";
