export { DisplayChoice } from "./DisplayChoice";
export { FullKey } from "./FullKey";
export { OtherWindows } from "./OtherWindows";
export { useFull, useFullFollowed } from "./useFull";
export { useWakeLock } from "./useWakeLock";
