/** Words of a session, for every page that shows one. */
export const words = {
	sessionRole: {
		chair: "Chủ trì",
		secretary: "Thư ký",
		point: "Điểm cầu",
		presenter: "Báo cáo viên",
		viewer: "Theo dõi",
	},
	kind: {
		meeting: "Cuộc họp",
		briefing: "Giao ban",
		conference: "Hội nghị",
		seminar: "Hội thảo",
		training: "Tập huấn",
		class_observation: "Dự giờ",
	},
	state: {
		planned: "Sắp tới",
		open: "Đang mở – chưa có ai",
		live: "Đang họp",
		ended: "Đã kết thúc",
		lapsed: "Không diễn ra",
		cancelled: "Đã hủy",
	},
	session: {
		shut: {
			over: "Phiên này đã kết thúc, không vào được nữa.",
			lapsed: "Phiên này không diễn ra.",
			cancelled: "Phiên này đã hủy.",
		},
		recorded: "Phiên này được ghi. Bản ghi lưu đến {{date}}.",
		recordedForEver: "Phiên này được ghi. Bản ghi lưu không thời hạn.",
		mayRecord:
			"Chủ trì có thể ghi phiên này; khi ghi, màn hình báo Đang ghi. Bản ghi lưu đến {{date}}.",
		mayRecordForEver:
			"Chủ trì có thể ghi phiên này; khi ghi, màn hình báo Đang ghi. Bản ghi lưu không thời hạn.",
		until: "đến {{time}}",
		details: "Chi tiết",
		"present#other": "{{count}} người trong phòng",
		"pointCount#other": "{{count}} điểm cầu",
		join: "Vào họp",
		chair: "Vào chủ trì",
		attend: "Vào buổi học",
		opensAt: "Phòng mở lúc {{time}}",
		openEmpty: "Phòng mở từ {{time}}, chưa có ai",
		notInvited:
			"Tài khoản này xem được lịch nhưng không có tên trong phiên. Cần dự thì hỏi đơn vị triệu tập.",
		opensOn: "Phòng mở {{time}} ngày {{date}}",
		anyName: "người vào tự nhập tên",
	},
} as const;
