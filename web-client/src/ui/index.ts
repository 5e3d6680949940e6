export { Banner } from "./Banner";
export { ButtonLink } from "./ButtonLink";
export { LanguageSwitch } from "./LanguageSwitch";
export { Mark } from "./Mark";
export { codeOf, Empty, Failure, Loading } from "./Notice";
export { Card, Page, Section } from "./Page";
export { ProgressBar } from "./ProgressBar";
export { RecordingNotice } from "./RecordingNotice";
export {
	ComposeAgain,
	mayComposeAgain,
	RecordingRow,
	RecordingState,
} from "./RecordingRow";
export { SeatStrip } from "./SeatStrip";
export { Segmented } from "./Segmented";
export { Status, stateTones, Tag, type Tone, ToneIcon } from "./Status";
export { isOver, timesOf } from "./sessionTimes";
export { useDocumentTitle } from "./useDocumentTitle";
export { useNow } from "./useNow";
export { dataOf, Waiting } from "./Waiting";
