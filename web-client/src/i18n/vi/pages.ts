/** Words of all pages but the live room. */
export const pages = {
	product: "Điểm Cầu",
	tagline: "Họp và tập huấn trực tuyến",
	documentTitle: "{{page}} · Điểm Cầu",
	language: { label: "Ngôn ngữ", vi: "Tiếng Việt", en: "English" },
	shell: {
		skip: "Tới nội dung chính",
		sections: "Mục chính",
		home: "Hôm nay",
		create: "Tạo phiên",
		classes: "Bồi dưỡng",
		monitor: "Bảng giám sát",
		menu: "Mục và tài khoản",
		account: "Tài khoản {{name}}",
		signOut: "Đăng xuất",
		loading: "Đang tải {{what}}…",
		close: "Đóng",
	},
	role: {
		department_admin: "Quản trị cấp sở",
		unit_admin: "Quản trị đơn vị",
		it_staff: "Kỹ thuật",
		trainer: "Giảng viên",
		member: "Thành viên",
		guest: "Khách",
		point: "Máy phòng họp",
	},
	sessionRole: {
		chair: "Chủ trì",
		secretary: "Thư ký",
		point: "Điểm cầu",
		presenter: "Báo cáo viên",
		viewer: "Theo dõi",
	},
	kind: {
		meeting: "Cuộc họp",
		conference: "Hội nghị",
		seminar: "Hội thảo",
		training: "Tập huấn",
		class_observation: "Dự giờ",
	},
	state: {
		planned: "Sắp tới",
		live: "Đang họp",
		ended: "Đã kết thúc",
		cancelled: "Đã hủy",
	},
	error: {
		retry: "Thử lại",
		title: "Chưa mở được trang này",
		panel: "Chưa tải được {{what}}",
		code: "Mã cho kỹ thuật: {{code}}",
		unreachable: "Máy chủ không trả lời. Kiểm tra mạng rồi bấm Thử lại.",
		unexpected:
			"Máy chủ gặp trục trặc. Bấm Thử lại; nếu vẫn vậy, gửi mã dưới đây cho kỹ thuật.",
		page: "Trang này dừng giữa chừng. Bấm Thử lại; nếu vẫn vậy, gửi mã dưới đây cho kỹ thuật.",
	},
	problem: {
		unauthenticated: "Phiên đăng nhập đã hết. Đăng nhập lại để tiếp tục.",
		forbidden: "Tài khoản này không có quyền làm việc đó.",
		not_found: "Không có nội dung này, hoặc tài khoản này không được xem.",
		wrong_password:
			"Tài khoản hoặc mật khẩu chưa đúng. Kiểm tra phím Caps Lock và bộ gõ rồi thử lại.",
		rate_limited: "Thử quá nhiều lần. Chờ một phút rồi thử lại.",
		link_invalid:
			"Đường dẫn này không dùng được. Hỏi người gửi để lấy đường dẫn mới.",
		link_expired:
			"Đường dẫn này đã hết hạn. Hỏi người gửi để lấy đường dẫn mới.",
		link_revoked:
			"Đường dẫn này đã bị thu hồi. Hỏi người gửi để lấy đường dẫn mới.",
		name_required: "Cho biết tên của mình để vào.",
		session_full: "Phiên đã đủ {{limit}} chỗ nên chưa vào được.",
		session_ended: "Phiên này đã kết thúc.",
		booking_conflict:
			"Trùng với {{title}}, {{from}} đến {{to}}. Chọn giờ khác hoặc bỏ điểm cầu bị trùng.",
		booking_conflict_short:
			"Trùng với một phiên khác. Chọn giờ khác hoặc bỏ điểm cầu bị trùng.",
		secret_refused: "Hệ thống không nhận phiên có nội dung mật.",
		invalid: "Nội dung gửi đi chưa hợp lệ. Xem lại các ô rồi thử lại.",
		too_large: "Nội dung gửi đi quá dài.",
		unavailable: "Máy chủ đang bận. Chờ một phút rồi thử lại.",
	},
	notFound: {
		title: "Không có trang này",
		text: "Địa chỉ có thể đã gõ nhầm, hoặc trang đã được dời.",
		home: "Về trang hôm nay",
	},
} as const;
