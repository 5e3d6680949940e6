/** Words of the kit. */
export const words = {
	kit: {
		documentTitle: "{{page}} · Điểm Cầu",
		loading: "Đang tải {{what}}…",
		close: "Đóng",
		retry: "Thử lại",
		panel: "Chưa tải được {{what}}",
		code: "Mã cho kỹ thuật: {{code}}",
		copied: "Đã chép",
		copyFailed:
			"Trình duyệt không cho chép. Bôi đen đường dẫn rồi chép bằng tay.",
	},
} as const;
