/** Words of the sign-in: who one is, and why the server said no. */
export const words = {
	role: {
		department_admin: "Quản trị cấp sở",
		unit_admin: "Quản trị đơn vị",
		it_staff: "Kỹ thuật",
		trainer: "Giảng viên",
		member: "Thành viên",
		guest: "Khách",
		point: "Máy phòng họp",
	},
	error: {
		unreachable: "Máy chủ không trả lời. Kiểm tra mạng rồi bấm Thử lại.",
		unexpected:
			"Máy chủ gặp trục trặc. Bấm Thử lại; nếu vẫn vậy, gửi mã dưới đây cho kỹ thuật.",
		page: "Trang này dừng giữa chừng. Bấm Thử lại; nếu vẫn vậy, gửi mã dưới đây cho kỹ thuật.",
	},
	problem: {
		not_signed_in: "Phiên đăng nhập đã hết. Đăng nhập lại để tiếp tục.",
		not_allowed: "Tài khoản này không có quyền làm việc đó.",
		not_found: "Không có nội dung này, hoặc tài khoản này không được xem.",
		unknown_session:
			"Không có phiên này, hoặc tài khoản này không được xem. Kiểm tra lại mã phiên trong giấy mời.",
		unknown_class: "Không có lớp này, hoặc tài khoản này không được xem.",
		unknown_recording:
			"Không có bản ghi này, hoặc tài khoản này không được xem.",
		unknown_point: "Không có điểm cầu này. Chọn lại trong danh sách.",
		unknown_participant: "Người này không có trong phòng lúc này.",
		unknown_unit: "Không có đơn vị này. Chọn lại đơn vị.",
		unknown_person: "Không có người này, hoặc tài khoản này không được xem.",
		person_erased: "Dữ liệu cá nhân của người này đã được xóa.",
		not_confirmed: "Chữ vừa gõ không khớp. Gõ lại đúng như yêu cầu.",
		not_erased: "Dữ liệu của người này chưa bị xóa.",
		unknown_appointment:
			"Không có phân công này. Tải lại trang để xem tình trạng mới.",
		bad_person_code: "Mã này không dùng được. Viết lại mã.",
		"bad_person_code|empty":
			"Mã chưa có chữ nào nhìn thấy được. Viết mã, hoặc để trống.",
		"bad_person_code|too_long": "Mã dài quá {{limit}} ký tự. Viết ngắn lại.",
		person_code_taken: "Mã {{code}} đã có người dùng. Kiểm tra lại mã.",
		namesake: "Đơn vị này đã có {{name}}. Xem đó có phải cùng một người không.",
		bad_email: "Địa chỉ thư điện tử chưa đúng, ví dụ hoai@so.example.vn.",
		bad_form_of_address:
			"Danh xưng này không dùng được. Viết lại, hoặc để trống.",
		"bad_form_of_address|too_long":
			"Danh xưng dài quá {{limit}} ký tự. Viết ngắn lại.",
		bad_position: "Chức vụ này không dùng được. Viết lại chức vụ.",
		"bad_position|empty": "Chưa có chức vụ. Viết chức vụ, ví dụ Giáo viên.",
		"bad_position|too_long": "Chức vụ dài quá {{limit}} ký tự. Viết ngắn lại.",
		bad_subject: "Môn này không dùng được. Viết lại, hoặc để trống.",
		"bad_subject|too_long": "Môn dài quá {{limit}} ký tự. Viết ngắn lại.",
		bad_day:
			"Ngày này không có trên lịch. Viết ngày/tháng/năm, ví dụ 01/09/2026.",
		unknown_import: "Không có lần nhập này, hoặc người khác đã nhập.",
		unreadable_file:
			"Tệp này không đọc được. Lưu lại thành Excel (.xlsx) hoặc CSV rồi chọn lại.",
		"unreadable_file|no_table":
			"Tệp này không phải Excel (.xlsx), CSV hay OneRoster (.zip). Chọn tệp khác.",
		"unreadable_file|old_workbook":
			"Đây là tệp Excel kiểu cũ (.xls) hoặc có mật khẩu. Mở ra, lưu lại thành .xlsx không mật khẩu.",
		"unreadable_file|damaged":
			"Tệp này bị hỏng hoặc tải chưa hết. Mở ra lưu lại rồi chọn lại.",
		"unreadable_file|too_much":
			"Bảng quá lớn: nhiều nhất 20.000 dòng một tệp. Tách tệp rồi nhập từng phần.",
		no_header:
			"Không thấy dòng tiêu đề có cột Họ và tên. Xem tệp mẫu rồi đặt tên cột cho đúng.",
		no_rows: "Dưới dòng tiêu đề chưa có ai.",
		bad_columns: "Mỗi thứ chỉ ghép với một cột. Xem lại phần ghép cột.",
		import_not_ready:
			"Lần nhập này không ở trạng thái làm được việc đó. Tải lại trang để xem.",
		ends_before_it_begins: "Ngày thôi phải bằng hoặc sau ngày vào.",
		appointment_ended: "Phân công này đã kết thúc từ trước.",
		unknown_change: "Không có quyết định này. Mở lại danh sách quyết định.",
		bad_document:
			"Số, ký hiệu văn bản chưa dùng được. Viết như trên văn bản, tối đa {{limit}} ký tự.",
		bad_steps:
			"Quyết định cần ít nhất một việc và không quá {{limit}} việc. Xem lại danh sách.",
		bad_unit:
			"Tên hoặc loại của đơn vị {{unit}} chưa dùng được. Viết lại, tối đa {{limit}} ký tự.",
		"bad_unit|code":
			"Mã “{{unit}}” chưa dùng được. Mã gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới, tối đa {{limit}} ký tự.",
		nothing_changes:
			"Quyết định này không làm thay đổi gì. Xem lại các việc đã chọn.",
		unit_alone:
			"Sáp nhập hoặc chia tách cần từ hai đơn vị khác nhau. Xem lại {{unit}}.",
		unit_code_taken:
			"Mã {{unit}} đã hoặc từng được cấp cho một đơn vị. Mã không dùng lại, chọn mã khác.",
		unit_root:
			"Cây chỉ có một đơn vị đứng đầu, nên không làm vậy với {{unit}} được. Chọn đơn vị cấp trên.",
		unit_cycle:
			"Đơn vị {{unit}} sẽ nằm dưới chính nó. Chọn đơn vị cấp trên khác.",
		units_left:
			"Dưới {{unit}} còn {{count}} đơn vị, trong đó có {{child}}. Chọn đơn vị nhận bàn giao.",
		later_change:
			"Đã có quyết định khác về {{unit}} từ ngày {{day}}. Hoàn tác quyết định ấy trước, hoặc chọn ngày sau.",
		unit_in_use:
			"{{unit}} còn người hoặc quyền bắt đầu sau ngày này. Chọn đơn vị nhận bàn giao.",
		"unit_in_use|point":
			"{{unit}} còn điểm cầu đang hoạt động. Chọn đơn vị nhận bàn giao, hoặc đóng điểm cầu trước.",
		"unit_in_use|session":
			"{{unit}} còn phiên họp sắp tới. Chọn đơn vị nhận bàn giao, hoặc hủy phiên trước.",
		role_beyond:
			"Vai trò của {{name}} sẽ rộng hơn mức tài khoản này được cấp. Nhờ quản trị của sở ghi quyết định này.",
		bad_point:
			"Tên điểm cầu hoặc phòng chưa dùng được. Viết lại, tối đa {{limit}} ký tự.",
		"bad_point|code":
			"Mã chưa dùng được. Mã gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới, tối đa {{limit}} ký tự.",
		"bad_point|number": "Số điểm cầu từ 1 đến {{limit}}. Chọn số khác.",
		"bad_point|seats": "Số chỗ của phòng từ 0 đến {{limit}}. Nhập lại.",
		"bad_point|count": "Số lượng thiết bị từ 1 đến {{limit}}. Nhập lại.",
		"bad_point|equipment":
			"Một phòng ghi tối đa {{limit}} loại thiết bị. Gộp lại.",
		"bad_point|served":
			"Một điểm cầu có tối đa {{limit}} đơn vị và phòng. Bớt đi.",
		point_code_taken: "Mã {{code}} đã có điểm cầu khác dùng. Chọn mã khác.",
		point_number_taken:
			"Số {{number}} đã có điểm cầu khác dùng, kể cả điểm đã đóng. Chọn số khác.",
		room_code_taken: "Mã phòng {{room}} đã có phòng khác dùng. Chọn mã khác.",
		main_point_taken:
			"{{point}} đang là điểm cầu chính. Chuyển điểm ấy thành điểm cơ sở trước.",
		point_changes_later:
			"Đơn vị của điểm cầu này đã được định thay đổi từ ngày {{day}}. Chọn ngày sau ngày ấy.",
		point_in_use:
			"Còn {{count}} phiên đang hoặc sắp họp mời điểm này, gần nhất là “{{title}}”. Xác nhận đóng kể cả khi đang dùng, hoặc đổi phiên trước.",
		file_without_header:
			"Chưa thấy dòng tiêu đề có cột “Mã” và “Tên”. Thêm dòng tiêu đề rồi chọn lại tệp.",
		file_too_long: "Tệp có quá {{limit}} dòng. Chia thành nhiều tệp.",
		file_refused:
			"Còn {{count}} dòng chưa nhận được, đầu tiên là dòng {{line}}. Sửa tệp rồi chọn lại, chưa ghi gì.",
		change_built_upon:
			"Đã có việc khác dựa trên quyết định này nên chưa hoàn tác được. Hoàn tác việc sau trước.",
		bad_login:
			"Tên đăng nhập gồm 1 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch ngang hoặc gạch dưới.",
		login_taken: "Tên đăng nhập {{login}} đã có người dùng. Chọn tên khác.",
		unknown_account: "Không có tài khoản này. Kiểm tra lại tên tài khoản.",
		unknown_link: "Đường dẫn này đã được thu hồi trước đó.",
		wrong_password:
			"Tài khoản hoặc mật khẩu chưa đúng. Kiểm tra phím Caps Lock và bộ gõ rồi thử lại.",
		wrong_present_password:
			"Mật khẩu hiện tại chưa đúng. Kiểm tra phím Caps Lock và bộ gõ rồi thử lại.",
		bad_password: "Mật khẩu này không dùng được. Chọn mật khẩu khác.",
		"bad_password|too_short": "Mật khẩu cần từ {{limit}} ký tự trở lên.",
		"bad_password|too_long": "Mật khẩu dài quá {{limit}} ký tự.",
		"bad_password|too_simple":
			"Mật khẩu này quá dễ đoán. Chọn mật khẩu không chứa tên đăng nhập, không phải dãy số hay ký tự lặp lại.",
		"bad_password|same": "Mật khẩu mới phải khác mật khẩu hiện tại.",
		wrong_code:
			"Tài khoản hoặc mã chưa đúng, hoặc mã đã dùng rồi. Xem lại phiếu; mất phiếu thì nhờ quản trị của đơn vị cấp lại mã.",
		code_expired:
			"Mã trên phiếu đã hết hạn từ {{expires_at_date}}. Nhờ quản trị của đơn vị cấp lại mã.",
		no_provider: "Máy chủ này không có cách đăng nhập bằng tài khoản ngoài.",
		provider_down:
			"Máy chủ tài khoản ngoài đang không trả lời. Đăng nhập bằng tài khoản và mật khẩu của Điểm Cầu.",
		provider_refused:
			"Máy chủ tài khoản ngoài trả lời không đúng nên không nhận được. Đăng nhập bằng mật khẩu của Điểm Cầu và báo kỹ thuật.",
		provider_declined:
			"Bên tài khoản ngoài chưa cho vào, hoặc mình đã dừng giữa chừng. Thử lại, hoặc đăng nhập bằng mật khẩu.",
		departure_unknown:
			"Lượt đăng nhập này đã dùng hoặc đã quá 10 phút. Bắt đầu lại, trên cùng một trình duyệt.",
		identity_unknown:
			"Tài khoản ngoài này chưa liên kết với ai ở Điểm Cầu. Đăng nhập bằng mật khẩu hoặc mã trên phiếu, rồi liên kết ở trang Tài khoản của tôi.",
		identity_taken:
			"Tài khoản ngoài này đã liên kết với người khác. Kiểm tra lại mình đang dùng tài khoản nào ở bên đó.",
		already_linked:
			"Tài khoản của mình đang liên kết với một tài khoản ngoài khác. Hủy liên kết đó trước.",
		second_factor_owed:
			"Vai trò của mình cần xác thực hai lớp. Bật xác thực hai lớp rồi làm tiếp.",
		second_step_over:
			"Quá thời gian nhập mã, hoặc mật khẩu vừa được đổi. Đăng nhập lại từ đầu.",
		wrong_second_code:
			"Mã chưa đúng. Nhập mã đang hiện của đúng tài khoản này; mã đổi sau mỗi 30 giây.",
		second_code_used:
			"Mã này vừa được dùng. Chờ ứng dụng hiện mã mới, nhiều nhất 30 giây.",
		phone_clock_off:
			"Đồng hồ của điện thoại chạy sai khoảng {{minutes}} phút. Bật đặt giờ tự động trong cài đặt của điện thoại, rồi nhập mã mới.",
		"phone_clock_off|ahead":
			"Đồng hồ của điện thoại chạy nhanh khoảng {{minutes}} phút. Bật đặt giờ tự động trong cài đặt của điện thoại, rồi nhập mã mới.",
		"phone_clock_off|behind":
			"Đồng hồ của điện thoại chạy chậm khoảng {{minutes}} phút. Bật đặt giờ tự động trong cài đặt của điện thoại, rồi nhập mã mới.",
		no_new_secret: "Mã QR này đã hết hạn. Bắt đầu lại để có mã QR mới.",
		second_factor_off: "Xác thực hai lớp đang tắt. Tải lại trang để xem.",
		second_factor_demanded:
			"Vai trò của mình bắt buộc xác thực hai lớp nên không tắt được.",
		second_factor_unreadable:
			"Máy chủ chưa kiểm tra được mã 6 số. Dùng mã dự phòng, hoặc báo quản trị hệ thống.",
		mail_off: "Máy chủ chưa gửi được thư. Hãy in phiếu.",
		no_address: "{{name}} chưa có địa chỉ thư điện tử. Hãy in phiếu.",
		has_password: "{{name}} đã có mật khẩu. Mở từng người để cấp lại mã.",
		too_many_people: "Mỗi lần cấp được nhiều nhất {{limit}} mã. Chọn bớt lại.",
		last_administrator:
			"Đây là quản trị cấp sở cuối cùng dùng được lâu dài. Cho người khác vai trò này, không hạn, rồi làm lại.",
		beyond_own_role:
			"Chỉ cho được vai trò, đơn vị và thời hạn nằm trong vai trò của chính mình.",
		role_held: "Người này đã có vai trò đó ở đơn vị đó trong thời gian này.",
		bad_days:
			"Ngày chưa đúng: vai trò bắt đầu từ hôm nay trở đi và kết thúc sau ngày bắt đầu.",
		unknown_role: "Vai trò này đã hết hoặc đã được thu hồi trước đó.",
		wrong_first_code:
			"Mã này không phải mã mà máy chủ in ra lần khởi động gần nhất. Xem lại màn hình hoặc nhật ký của máy chủ.",
		not_first:
			"Máy chủ vừa có tài khoản đầu tiên. Đăng nhập bằng tài khoản đó.",
		bad_unit_name: "Tên đơn vị này không dùng được. Viết lại tên đơn vị.",
		unknown_sign_in: "Nơi đó đã được đăng xuất trước đó.",
		account_disabled: "Tài khoản này đã khóa. Nhờ quản trị của đơn vị mở lại.",
		rate_limited: "Thử quá nhiều lần. Chờ {{seconds}} giây rồi thử lại.",
		key_not_valid:
			"Khóa API này không dùng được: không có, hết hạn hoặc đã thu hồi.",
		key_in_address:
			"Khóa API không được để trong địa chỉ. Thu hồi khóa này, tạo khóa mới và gửi trong phần đầu Authorization.",
		key_scope_missing: "Khóa API này không được giao việc đó.",
		bad_scopes: "Chọn ít nhất một việc cho khóa, mỗi việc một lần.",
		scope_not_yours:
			"Chỉ khóa của cả sở mới xem được nhật ký. Chọn đơn vị là sở, hoặc bỏ việc này.",
		bad_expiry: "Hạn của khóa phải từ hôm nay đến tối đa {{days}} ngày nữa.",
		unknown_key: "Không thấy khóa API này.",
		bad_idempotency_key:
			"Idempotency-Key phải có từ 1 đến {{limit}} ký tự thường.",
		idempotency_key_reused: "Idempotency-Key này đã dùng cho một yêu cầu khác.",
		idempotency_in_progress:
			"Yêu cầu này đang được làm. Chờ một giây rồi hỏi lại.",
		idempotency_answer_lost:
			"Việc này đã làm xong nhưng câu trả lời bị mất. Mở danh sách để xem kết quả.",
		idempotency_not_here:
			"Câu trả lời này có bí mật chỉ cho biết một lần. Gửi lại, không kèm Idempotency-Key.",
		link_invalid:
			"Đường dẫn này không dùng được. Hỏi người gửi để lấy đường dẫn mới.",
		link_expired:
			"Đường dẫn này đã hết hạn. Hỏi người gửi để lấy đường dẫn mới.",
		link_revoked:
			"Đường dẫn này đã bị thu hồi. Hỏi người gửi để lấy đường dẫn mới.",
		name_required: "Cho biết tên của mình để vào.",
		bad_name: "Tên này không dùng được. Viết lại tên.",
		"bad_name|empty": "Tên chưa có chữ nào nhìn thấy được. Viết lại tên.",
		"bad_name|too_long": "Tên dài quá {{limit}} ký tự. Viết ngắn lại.",
		"bad_name|unreadable":
			"Tên có ký tự không hiển thị được. Xóa ký tự lạ rồi thử lại.",
		"bad_name|direction":
			"Tên có ký tự đổi chiều viết. Gõ lại tên thay vì dán vào.",
		"bad_name|marks":
			"Tên có dấu không đi với chữ, hoặc quá nhiều dấu. Gõ lại tên.",
		guests_not_allowed:
			"Phiên nội bộ không nhận khách. Chỉ mời được điểm cầu và người có tài khoản.",
		point_not_invited: "Điểm cầu này không có trong phiên.",
		session_full:
			"Ngoài chỗ của chủ trì, thư ký và điểm cầu được mời, phiên có {{limit}} chỗ và đã đủ người.",
		session_ended: "Phiên này đã kết thúc.",
		booking_conflict:
			"{{point}} đã có {{title}}, {{starts_at_time}} đến {{ends_at_time}} ngày {{starts_at_date}}. Chọn giờ khác hoặc bỏ điểm cầu đó.",
		point_not_yours:
			"Có điểm cầu ngoài đơn vị này quản lý ({{point}}). Bỏ điểm cầu đó rồi thử lại.",
		secret_refused: "Hệ thống không nhận phiên có nội dung mật.",
		bad_title: "Tên phiên này không dùng được. Viết lại tên phiên.",
		"bad_title|empty":
			"Tên phiên chưa có chữ nào nhìn thấy được. Viết tên phiên.",
		"bad_title|too_long": "Tên phiên dài quá {{limit}} ký tự. Viết ngắn lại.",
		"bad_title|unreadable":
			"Tên phiên có ký tự không hiển thị được. Xóa ký tự lạ rồi thử lại.",
		"bad_title|direction":
			"Tên phiên có ký tự đổi chiều viết. Gõ lại thay vì dán vào.",
		"bad_title|marks":
			"Tên phiên có dấu không đi với chữ, hoặc quá nhiều dấu. Gõ lại.",
		unreadable_text:
			"Trong chữ gửi đi có nửa ký tự bị cắt. Xóa ký tự đó rồi gửi lại.",
		bad_time: "Giờ của phiên chưa đúng. Xem lại ngày giờ.",
		"bad_time|order": "Giờ kết thúc phải sau giờ bắt đầu.",
		"bad_time|too_long": "Một phiên dài nhất 24 giờ.",
		"bad_time|past": "Giờ này đã qua. Chọn giờ khác.",
		"bad_time|too_far": "Chỉ đặt trước được hai năm.",
		"bad_time|no_date": "Ngày giờ này không có trên lịch.",
		try_again: "Có người vừa tạo phiên cùng lúc. Bấm lại lần nữa.",
		not_composable: "Bản ghi này đang được dựng hoặc chưa đóng. Chờ vài phút.",
		invalid: "Nội dung gửi đi chưa hợp lệ. Xem lại các ô rồi thử lại.",
		no_backup_folder:
			"Chưa đặt nơi sao lưu. Kỹ thuật đặt khóa backup.folder trong signaling.toml.",
		backup_under_way: "Đang có một lần sao lưu chạy rồi.",
		bad_setting: "Có cài đặt không nhận giá trị này. Xem lại rồi ghi.",
		"bad_setting|number": "Cài đặt này nhận số từ {{least}} đến {{most}}.",
		"bad_setting|too_long": "Tên dài quá {{limit}} ký tự. Viết ngắn lại.",
		"bad_setting|empty": "Tên này chưa có chữ nào.",
		bad_year: "Chỉ tiêu đặt được cho các năm từ {{first}} đến {{last}}.",
		year_over:
			"Năm {{year}} đã chốt, chỉ tiêu đã đặt của năm ấy không đổi được nữa.",
		bad_emblem: "Ảnh này không dùng làm biểu trưng được. Chọn ảnh PNG khác.",
		"bad_emblem|no_png": "Biểu trưng phải là ảnh PNG.",
		"bad_emblem|damaged": "Tệp ảnh bị hỏng. Lưu lại thành PNG rồi chọn lại.",
		"bad_emblem|too_small": "Ảnh nhỏ quá: mỗi cạnh ít nhất 32 điểm ảnh.",
		"bad_emblem|too_large":
			"Ảnh lớn quá: nhiều nhất 200 kB, mỗi cạnh nhiều nhất 1024 điểm ảnh.",
		"bad_emblem|too_narrow":
			"Ảnh dài quá: cạnh dài nhiều nhất gấp bốn lần cạnh ngắn.",
		too_large: "Nội dung gửi đi quá dài.",
		body_too_slow:
			"Mạng quá chậm, gửi chưa xong đã hết giờ. Thử lại hoặc đổi mạng khác.",
		database_unavailable:
			"Máy chủ chưa đọc hay ghi được dữ liệu. Chờ một phút rồi thử lại; nếu vẫn vậy, gọi kỹ thuật.",
		unavailable: "Máy chủ đang bận. Chờ một phút rồi thử lại.",
		token_expired:
			"Thẻ vào phòng này đã hết hạn. Hỏi người gửi để lấy thẻ mới.",
		token_revoked:
			"Thẻ vào phòng này đã bị thu hồi. Hỏi người gửi để lấy thẻ mới.",
		too_early:
			"Phòng mở lúc {{opens_at_time}} ngày {{opens_at_date}}. Trang này tự vào khi đến giờ.",
		session_over: "Phiên này đã kết thúc.",
		session_runs:
			"Phiên đang diễn ra: chỉ sửa được tên và gia hạn giờ kết thúc.",
		bad_officers: "Danh sách người điều hành chưa đúng. Xem lại rồi lưu.",
		"bad_officers|two_chairs": "Một phiên chỉ có một chủ trì.",
		"bad_officers|twice": "Có người được chọn hai lần cho một vai.",
		"bad_officers|too_many": "Nhiều người điều hành quá. Bỏ bớt rồi lưu.",
		person_not_yours:
			"Có người không thuộc các đơn vị được chọn người. Bỏ người đó rồi lưu.",
		unknown_notice: "Thông báo này không còn.",
		bad_reason: "Lý do này không dùng được. Viết lại lý do.",
		"bad_reason|empty": "Viết lý do để người được mời biết.",
		"bad_reason|too_long": "Lý do dài quá {{limit}} ký tự. Viết ngắn lại.",
		"session_over|cancelled": "Phiên này đã hủy, không sửa được nữa.",
		"session_over|lapsed": "Phiên này không diễn ra, không sửa được nữa.",
		unknown_resource: "Đường truyền hình này đã đóng. Kết nối lại từ đầu.",
		no_such_route:
			"Máy chủ không có chức năng này. Tải lại trang để dùng bản mới.",
		no_such_file: "Không có tệp này. Tải lại trang để dùng bản mới.",
		method_not_allowed: "Máy chủ không nhận thao tác này. Tải lại trang.",
		no_own_authority:
			"Máy chủ dùng chứng chỉ của đơn vị cấp, không cần cài thêm chứng chỉ.",
		film_gone:
			"Tệp xem lại không còn trên máy chủ, hoặc bị cắt ngắn. Tải lại trang để xem tình trạng.",
		no_film_yet:
			"Phim của bản ghi này chưa dựng xong. Chờ vài phút rồi mở lại.",
		bad_range: "Bản ghi ngắn hơn chỗ vừa chọn. Chọn lại thời điểm.",
		no_points: "Chọn ít nhất một điểm cầu.",
		too_many_points:
			"Một phiên mời được nhiều nhất {{limit}} điểm cầu. Bỏ bớt rồi thử lại.",
		duplicate_point: "Điểm cầu {{point}} được chọn hai lần. Bỏ bớt một lần.",
		bad_link:
			"Vai trò, điểm cầu và người của đường dẫn không khớp nhau. Chọn lại.",
		bad_sdp:
			"Máy chủ không đọc được lời mời kết nối hình và tiếng của thiết bị này.",
		bad_fingerprint:
			"Dấu vân tay chứng chỉ trong lời mời kết nối của thiết bị này bị sai.",
		weak_fingerprint:
			"Thiết bị này dùng dấu vân tay chứng chỉ quá yếu (MD5, SHA-1). Đặt lại thành SHA-256.",
		bad_offer: "Máy chủ không nhận kiểu hình hoặc tiếng của thiết bị này.",
		if_match_required:
			"Yêu cầu không nói đang sửa bản nào. Tải lại trang, thiết bị thì kết nối lại từ đầu.",
		etag_changed: "Kết nối này đã được làm mới ở nơi khác. Kết nối lại từ đầu.",
		changed_meanwhile:
			"Người khác vừa sửa nội dung này. Trang đã lấy bản mới; xem lại rồi làm tiếp.",
		wrong_content_type: "Thiết bị gửi sai kiểu nội dung.",
		not_json: "Trang gửi sai kiểu nội dung. Tải lại trang.",
		malformed_body:
			"Máy chủ không hiểu nội dung gửi đi. Tải lại trang rồi thử lại.",
		malformed_query:
			"Máy chủ không hiểu địa chỉ này. Tải lại trang rồi thử lại.",
		malformed_path: "Địa chỉ này có ký tự không đọc được. Mở lại từ danh sách.",
		foreign_origin:
			"Yêu cầu không đến từ trang của hệ thống này. Mở lại từ địa chỉ chính thức.",
		too_many_players:
			"Đường dẫn hoặc tài khoản này đang mở {{limit}} máy xem, nhiều nhất có thể. Tắt bớt một máy rồi thử lại.",
		node_full: "Máy chủ hình và tiếng đã đủ chỗ. Chờ một phút rồi thử lại.",
		node_reserved:
			"Máy chủ hình và tiếng gần đủ chỗ, chỗ còn lại dành cho các điểm cầu. Thử lại sau.",
		media_unavailable:
			"Máy chủ hình và tiếng đang khởi động lại. Chờ một lát rồi thử lại.",
		internal:
			"Máy chủ gặp trục trặc khi làm việc này. Thử lại; nếu vẫn vậy, gọi kỹ thuật.",
	},
	backHome: "Về trang hôm nay",
} as const;
