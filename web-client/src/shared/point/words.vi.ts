/** Words of a bridge point, for every page that shows one. */
export const words = {
	point: {
		good: "Tốt",
		weak: "Yếu",
		lost: "Mất kết nối",
		idle: "Không họp",
		number: "Số",
	},
} as const;
