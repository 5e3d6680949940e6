export { Banner } from "./Banner";
export { ButtonLink } from "./ButtonLink";
export { Mark } from "./Mark";
export { codeOf, Empty, Failure, Loading } from "./Notice";
export { SessionBar } from "./SessionBar";
export { Status, Tag, type Tone, ToneIcon } from "./Status";
export { useDocumentTitle } from "./useDocumentTitle";
export { useNow } from "./useNow";
