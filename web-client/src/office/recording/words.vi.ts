/** Words of the replay. */
export const words = {
	replay: {
		failure: {
			no_media:
				"Bản ghi không có tiếng và hình: trong lúc ghi không ai mở micro, mở camera hay chia sẻ màn hình.",
			files_missing:
				"Không thấy tệp gốc của bản ghi trên đĩa máy chủ. Nếu có bản sao lưu, hãy chép về chỗ cũ rồi dựng lại.",
			film_missing:
				"Tệp xem lại đã mất hoặc bị cắt ngắn trên đĩa máy chủ. Hãy dựng lại từ hình và tiếng gốc.",
			undecodable:
				"Có tệp gốc nhưng không giải mã được tiếng hay hình nào trong đó.",
			ffmpeg_missing:
				"Máy chủ không chạy được ffmpeg, chương trình dựng bản xem lại. Cài ffmpeg rồi dựng lại; hình và tiếng gốc vẫn an toàn.",
			ffmpeg_failed:
				"ffmpeg dừng giữa chừng khi dựng bản xem lại. Hình và tiếng gốc vẫn an toàn.",
			bad_settings:
				"Cấu hình dựng bản xem lại trên máy chủ chưa đúng. Sửa recorder.toml rồi dựng lại; hình và tiếng gốc vẫn an toàn.",
			disk_full: "Đĩa máy chủ đã đầy. Hãy giải phóng chỗ trống.",
			disk_failed: "Máy chủ không đọc được hoặc không ghi được đĩa.",
			interrupted: "Việc ghi hoặc dựng bị ngắt giữa chừng.",
			unknown: "Chưa rõ vì sao. Chi tiết có trong nhật ký của máy chủ.",
		},
		triesAgain: "Máy chủ sẽ tự thử lại.",
		title: "Xem lại",
		what: "bản ghi",
		lead: "Ghi ngày {{date}}",
		facts: "Về bản ghi",
		session: "Phiên",
		started: "Bắt đầu ghi",
		duration: "Dài",
		size: "Cỡ tệp",
		kept: "Lưu đến",
		play: "Phát",
		pause: "Dừng",
		back: "Lùi {{seconds}} giây",
		forward: "Tới {{seconds}} giây",
		speed: "Tốc độ",
		mute: "Tắt tiếng",
		fullscreen: "Toàn màn hình",
		position: "Vị trí xem",
		positionText: "{{position}} trên {{duration}}",
		failed:
			"Chưa phát được. Kiểm tra mạng rồi bấm Thử lại; nếu vẫn vậy, thử trình duyệt khác.",
		waiting: {
			starting: "Ghi xong sẽ xem lại được ở đây.",
			recording:
				"Phiên đang được ghi. Sau khi kết thúc, bản xem lại hiện ở đây.",
			finalising: "Đang ghi nốt những giây cuối. Trang tự đổi khi xong.",
			archived:
				"Hình và tiếng đã lưu an toàn. Bản xem lại sẽ được dựng khi đến lượt; trang tự đổi khi xong.",
			composing:
				"Có thể đóng trang này, việc dựng vẫn tiếp tục. Trang tự đổi khi xong.",
			ready: "Tệp xem lại chưa tới nơi. Tải lại trang sau một phút.",
			failed:
				"Hình và tiếng gốc vẫn an toàn. Bấm Dựng lại; nếu vẫn vậy, gửi mã dưới đây cho kỹ thuật.",
		},
		keys: {
			title: "Phím tắt",
			play: "Phát, dừng",
			seek: "Lùi, tới {{seconds}} giây",
			speed: "Chậm hơn, nhanh hơn",
			mute: "Tắt tiếng",
			fullscreen: "Toàn màn hình",
		},
	},
} as const;
