export { Lobby, type Ready } from "./Lobby";
