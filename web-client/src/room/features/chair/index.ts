export { EndKey, GrantKey, LockAllKey, RecordKey } from "./ChairKeys";
export { GiveChairDialog } from "./GiveChairDialog";
export { RemoveDialog } from "./RemoveDialog";
export { useCalling } from "./useCalling";
export { useSeatCommands } from "./useSeatCommands";
