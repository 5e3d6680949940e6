/** Words of the frame around all pages. */
export const words = {
	sections: {
		guide: "Ngày đầu",
		units: "Đơn vị",
		points: "Điểm cầu",
		people: "Con người",
		accounts: "Tài khoản",
		system: "Hệ thống",
		keys: "Khóa API",
		ownAccount: "Tài khoản của tôi",
	},
	shell: {
		skip: "Tới nội dung chính",
		sections: "Mục chính",
		account: "Tài khoản {{name}}",
		signOut: "Đăng xuất",
		cutOff: {
			silent:
				"Máy này mất kết nối tới máy chủ. Nội dung dưới đây là lúc {{time}}; phiên họp có thể vẫn diễn ra bình thường. Trang tự hỏi lại.",
			failing:
				"Máy chủ đang trục trặc, chưa trả lời được. Nội dung dưới đây là lúc {{time}}. Trang tự hỏi lại.",
		},
	},
	errorPage: {
		title: "Chưa mở được trang này",
	},
	notFound: {
		title: "Không có trang này",
		text: "Địa chỉ có thể đã gõ nhầm, hoặc trang đã được dời.",
	},
} as const;
