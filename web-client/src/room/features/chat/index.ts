export { Chat, useUnread } from "./Chat";
