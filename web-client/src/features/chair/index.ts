export { EndKey, GrantKey, LockAllKey, RecordKey } from "./ChairKeys";
export { RemoveDialog } from "./RemoveDialog";
export { useSeatCommands } from "./useSeatCommands";
