export {
	CameraKey,
	HandKey,
	LeaveKey,
	MicrophoneKey,
	ScreenKey,
	VolumeKey,
} from "./OwnKeys";
export { useOwnControls } from "./useOwnControls";
