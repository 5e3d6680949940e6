export { RecordingBadge } from "./RecordingBadge";
