/** Words of a bridge point, for every page that shows one. */
export const words = {
	point: {
		good: "Good",
		weak: "Weak",
		lost: "Connection lost",
		idle: "Not in a session",
		number: "No.",
	},
} as const;
