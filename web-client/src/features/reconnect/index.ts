export { MediaBanner, Reconnecting } from "./Reconnecting";
