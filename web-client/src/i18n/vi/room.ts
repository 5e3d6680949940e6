/** Words of the live room and the device check before it. */
export const room = {
	title: "Phòng họp",
} as const;
