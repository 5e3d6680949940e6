/** Words of setting up a second factor. */
export const words = {
	secondFactor: {
		title: "Xác thực hai lớp",
		what: "xác thực hai lớp",
		install:
			"Cài một ứng dụng xác thực trên điện thoại, ví dụ Google Authenticator hoặc Microsoft Authenticator.",
		scan: "Mở ứng dụng, thêm tài khoản và quét mã QR này.",
		qr: "Mã QR để thêm tài khoản vào ứng dụng xác thực",
		byHand: "Không quét được thì chọn nhập tay và gõ khóa này:",
		here: "Ứng dụng ở ngay trên máy này: bấm để mở",
		type: "Nhập mã 6 số mà ứng dụng đang hiện.",
		code: "Mã 6 số",
		codeShape: "Nhập đủ 6 chữ số đang hiện trong ứng dụng",
		turnOn: "Bật xác thực hai lớp",
		once: "Các mã này chỉ hiện một lần. In ra hoặc chép lại rồi cất nơi an toàn, đừng để trong điện thoại.",
		paperTitle: "Mã dự phòng đăng nhập Điểm Cầu",
		paperOf: "Tài khoản {{login}}, tạo lúc {{time}}",
		paperUse:
			"Dùng thay mã 6 số khi không có điện thoại. Mỗi mã dùng được một lần; gạch mã đã dùng.",
		print: "In mã dự phòng",
		owed: {
			title: "Bật xác thực hai lớp",
			lead: "Vai trò của {{name}} cần thêm một lớp xác thực. Làm xong bước này mới vào được các trang khác; mất khoảng hai phút.",
			after: "Đã bật xác thực hai lớp",
			afterLead: "Từ lần sau, đăng nhập cần mật khẩu và mã 6 số.",
			begin: "Bắt đầu",
			enter: "Đã cất mã, vào hệ thống",
			leave: "Đăng xuất",
		},
		own: {
			off: "Đang tắt",
			offText:
				"Bật lên thì ngoài mật khẩu, mỗi lần đăng nhập cần thêm mã 6 số trên điện thoại của mình: người khác biết mật khẩu cũng không vào được.",
			on: "Đang bật từ {{date}}",
			"left#other": "Còn {{count}} mã dự phòng chưa dùng.",
			"few#other":
				"Chỉ còn {{count}} mã dự phòng. Tạo mã mới để không bị kẹt khi mất điện thoại.",
			demanded:
				"Vai trò của mình bắt buộc xác thực hai lớp nên không tắt được.",
			begin: "Bật xác thực hai lớp",
			password: "Mật khẩu hiện tại",
			passwordMissing: "Nhập mật khẩu hiện tại",
			next: "Tiếp tục",
			replace: "Đổi điện thoại",
			replaceText:
				"Điện thoại đang dùng vẫn có hiệu lực cho tới khi nhập đúng mã từ điện thoại mới.",
			codes: "Tạo mã dự phòng mới",
			codesText: "Các mã dự phòng cũ hết tác dụng ngay.",
			end: "Tắt",
			endTitle: "Tắt xác thực hai lớp",
			endText:
				"Sau khi tắt, đăng nhập chỉ cần mật khẩu; các mã dự phòng hết tác dụng.",
			endCode: "Mã 6 số hoặc mã dự phòng",
			endCodeMissing: "Nhập mã 6 số hoặc mã dự phòng",
			cancel: "Thôi",
			kept: "Đã cất mã",
			done: "Đã bật xác thực hai lớp. Các nơi khác đã được đăng xuất.",
			ended: "Đã tắt xác thực hai lớp.",
		},
	},
} as const;
