/** Words of the training classes. */
export const words = {
	classes: {
		notYours: "Đường dẫn này không có lớp bồi dưỡng",
		whoMay:
			"Đường dẫn mời chỉ vào được một phiên. Cần xem lớp bồi dưỡng thì đăng nhập bằng tài khoản của mình.",
		title: "Bồi dưỡng",
		what: "danh sách lớp",
		oneWhat: "lớp",
		empty: "Chưa có lớp nào",
		emptyText: "Lớp hiện ở đây khi tài khoản này được ghi danh.",
		"lead#other": "Lớp {{code}}, {{count}} học viên. {{unit}}, năm {{year}}",
		modules: "Mô đun",
		hours: "Số giờ",
		hourUnit: "giờ",
		next: "Buổi tới",
		none: "không còn",
		noNext: "Lớp này không còn buổi nào.",
		today: "hôm nay",
		"moduleCount#other": "{{count}} mô đun",
		"sessionCount#other": "{{count}} buổi học",
		mode: {
			live: "Trực tuyến",
			self_study: "Tự học",
		},
	},
} as const;
