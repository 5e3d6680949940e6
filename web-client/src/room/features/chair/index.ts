export { EndKey, GrantKey, LockAllKey, RecordKey } from "./ChairKeys";
export { RemoveDialog } from "./RemoveDialog";
export { useCalling } from "./useCalling";
export { useSeatCommands } from "./useSeatCommands";
