/** Words of the guide of the first days. */
export const words = {
	guide: {
		title: "Ngày đầu",
		lead: "Năm bước. Bước nào cũng có thể bỏ qua và quay lại sau.",
		whatLoads: "hướng dẫn",
		"done#other": "{{done}} trong {{count}} bước đã xong",
		close: "Để sau, vào trang chính",
		open: "Mở lại hướng dẫn",
		closed:
			"Hướng dẫn đã đóng: không nhắc ở trang chính nữa. Các bước dưới đây vẫn làm được.",
		finished: "Đã xong mọi bước. Hướng dẫn tự ẩn khỏi trang chính.",
		skip: "Bỏ qua",
		unskip: "Làm bước này",
		skipped: "đã bỏ qua",
		steps: "Năm bước",
		name: {
			units: "Đơn vị",
			points: "Điểm cầu",
			people: "Con người",
			accounts: "Tài khoản",
			test_call: "Gọi thử",
		},
		meaning: {
			units: "Cây đơn vị quyết định ai mời được ai, ai thấy gì.",
			points:
				"Nơi có máy, camera và người trực. Một điểm phục vụ được nhiều đơn vị.",
			people: "Để cử đại biểu, điểm danh và ghi danh lớp học.",
			accounts: "Ai đăng nhập được, với vai trò gì.",
			test_call: "Hai điểm vào chung một phòng: hình, tiếng, đường truyền.",
		},
		none: {
			units: "Mới có đơn vị gốc",
			points: "Chưa có điểm nào",
			people: "Mới có quản trị đầu tiên",
			accounts: "Mới có tài khoản đầu tiên",
			test_call: "Chưa ai gọi thử",
		},
		onePoint: "Mới có 1 điểm, cần 2 để gọi nhau",
		there: {
			"units#other": "{{number}} đơn vị",
			"points#other": "{{number}} điểm cầu",
			"people#other": "{{number}} người",
			"accounts#other": "{{number}} tài khoản",
			"test_call#other": "Đã có hai người gặp nhau",
		},
		template: "Tải tệp mẫu",
		unitsKey: "Nhập từ tệp",
		unitsOther: "Thêm tay, xem cây",
		pointsKey: "Thêm điểm cầu",
		peopleKey: "Nhập từ tệp",
		peopleOther: "Thêm từng người",
		accountsKey: "Cấp mã, in phiếu",
		callKey: "Tạo phiên gọi thử",
		callNeeds: "Thêm hai điểm cầu trước.",
		callHow:
			"Phiên bắt đầu ngay, kéo dài 30 phút, mời hai điểm đầu tiên. Gửi đường dẫn cho hai nơi, mỗi nơi kiểm tra micro, loa, camera rồi vào phòng.",
		callTitle: "Gọi thử",
		hint: {
			units:
				"Tệp CSV có mã, tên, loại và mã đơn vị cấp trên. Xem trước từng dòng rồi mới ghi, không xóa gì.",
			points:
				"Mỗi điểm có số ghế cố định trên màn hình, đơn vị chủ nhà và phòng họp.",
			people:
				"Tệp XLSX hoặc CSV. Tiêu đề nằm dòng nào cũng được; xem trước từng dòng rồi mới ghi.",
			accounts:
				"Chọn người, cấp mã dùng một lần, in phiếu A4. Không cần thư điện tử.",
		},
		next: "Bước tiếp theo",
	},
} as const;
