/** Words of the kit. */
export const words = {
	kit: {
		documentTitle: "{{page}} · Điểm Cầu",
		loading: "Đang tải {{what}}…",
		close: "Đóng",
		retry: "Thử lại",
		panel: "Chưa tải được {{what}}",
		code: "Mã cho kỹ thuật: {{code}}",
	},
} as const;
