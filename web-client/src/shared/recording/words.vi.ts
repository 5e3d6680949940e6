/** Words of a recording, for every page that shows one. */
export const words = {
	recording: {
		replay: "Xem lại",
		title: "Bản ghi",
		what: "danh sách bản ghi",
		empty: "Chưa có bản ghi",
		emptyText: "Bản ghi hiện ở đây khi chủ trì bấm Ghi trong phòng.",
		emptyAutomatic: "Phiên này tự ghi. Bản ghi hiện ở đây khi phiên bắt đầu.",
		emptyEnded: "Phiên này không được ghi.",
		keptUntil: "lưu đến {{date}}",
		progress: "Tiến độ dựng bản xem lại",
		composeAgain: "Dựng lại",
		healthOnly: "Tài khoản này xem được tình trạng, không xem được nội dung.",
		state: {
			starting: "Sắp ghi",
			recording: "Đang ghi",
			finalising: "Đang đóng bản ghi",
			archived: "Đã lưu, chờ dựng bản xem lại",
			composing: "Đang dựng bản xem lại, {{percent}}%",
			ready: "Xem lại được",
			failed: "Chưa dựng được bản xem lại",
		},
	},
} as const;
