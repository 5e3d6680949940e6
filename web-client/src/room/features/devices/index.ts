export { DeviceGroup } from "./DeviceGroup";
export { DevicePicker } from "./DevicePicker";
export { SilentBanner } from "./SilentBanner";
