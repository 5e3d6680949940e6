export { ProviderReturn } from "./ProviderReturn";
